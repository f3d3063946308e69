"""Random `.pat` texts that parse: every construct of the language, with brackets and white space anywhere."""

# A grammar is read by the row.
# ruff: noqa: E501

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

# A symbol is in angles, `?` after it means none or one of it and `*` any number; all else is a token. One that begins
# with `~` touches what is before it, and `␣` is a space in one. Broken bars separate alternatives; the first one of each
# leads to an end soonest.
_GRAMMAR = """
<file> <item>* <item>
<item> <rule> ¦ <pattern> ¦ <op> ¦ <pack> ¦ <target>

<pack> pack <name> <string>? <uses>?
<uses> uses <dotted> <more_dotted>*
<dotted> <name> ¦ <name> ~. <name>
<more_dotted> , <dotted>
<target> target <name> <string>? <extends>? <target_clause>*
<extends> extends <name> ¦ extends <name> , <name>
<target_clause> <accept> ¦ <requires> ¦ <limit>
<accept> accepts <word> <where>? ¦ accepts <word> | CUSTOM ~[ <code> ~] <version>? <where>? ¦ accepts <word> ~[ <attribute> ] <version>? ¦ unpacks <word> ~( <typed> ) <where>? ¦ unpacks whole <word> ¦ accepts <word> | <word> <version> ~( <typed> , <typed> , ) <where>?
<typed> <name> : <type> ¦ <name> : <lone_type> ¦ <name> ? : <type>
<requires> requires <conditions>
<limit> partitions first ¦ partitions largest 2

<op> op <op_head> ~( <parameters> ) -> <op_results> <string>? <op_clauses>
<op_head> <word> ¦ CUSTOM ~[ <code> ]
<parameters> <parameter> ¦ <parameter> , <parameters> ¦ <parameter> ,
<parameter> <name> ¦ <name> ? ¦ <name> ... ¦ <name> : <type> implied ¦ <name> : <lone_type> variable
<op_results> <name> ¦ ( ) ¦ ( <parameters> ) ¦ <name> : <root_type> ¦ <name> ...
<op_clauses> <options>? <shape>? <kernel>? <stored>? ¦ <side>? <version_clause>* <commutative>? <implied>? <where>? ¦ <quantization>? <version_clause>? <options>?
<options> options bytes ¦ options struct { } ¦ options struct { <fields> } ¦ options flexbuffer ~{ <fields> }
<fields> <field> ¦ <field> , <fields> ¦ <field> ,
<field> <name> : i32 ¦ <name> : f32 ~[ 4 ] ¦ <name> : i32 as Padding ¦ <name> : i32 as Padding ~( SAME = 1 , VALID = - 2 )
<shape> shape <dotted>
<kernel> kernel <dotted>
<quantization> quantization <dotted>
<stored> stored ( <names> ) ¦ stored ~( <names> , )
<implied> implied <implications>
<implications> <implication> ¦ <implication> , <implications>
<implication> <name> ¦ <name> = <expression>
<names> <name> ¦ <name> , <names>
<side> side effects
<commutative> commutative
<version_clause> version 3 <where>

<pattern> pattern <name> ~( <names> ) <string>? = <left>
<rule> <named>? <left> <where>? <arrow> <right> <clauses>
<named> rule <name> <string>? ¦ rule shape ¦ rule equal
<arrow> -> ¦ <->
<left> <matched> ¦ <matched> ; <left>
<matched> <root> ¦ <results> = <root> ¦ <root> : <root_type>
<root> <operator> ¦ ( <operator> ) ¦ <call> ¦ <alternatives> ¦ ( <expression> ) ¦ ( <name> = <operator> )
<results> <name> ¦ ( _ ) ¦ ( <name> ) ¦ ( <name> , _ ) ¦ ( _ , <name> , <name> , )
<right> <equation> ¦ <equation> ; <right>
<equation> <expression> ¦ <results> = <expression> ¦ <expression> : <root_type> ¦ ( _ ) ¦ ( <name> = <operator> )
<where> where <conditions>
<conditions> <expression> ¦ <expression> , <conditions>
<clauses> <equality>? <interface>? <shared>? <benefit>? ¦ <phase>? <shared>? <interface>? <equality>?
<equality> equal exact ¦ equal within 1e-5 ¦ lossy within .5 ¦ equal within 4 ulp ¦ equal within 1 step ¦ equal within 2 steps
<interface> changes interface
<shared> shared
<benefit> benefit 2 ¦ benefit 0x10
<phase> phase - 1

<operator> <word> ~( <operands>? ) ¦ <word> ~[ <attributes> ] ~( <operands>? ) ¦ <word> <version> ~( .. ) ¦ CUSTOM ~[ <code> ] ~( <name> ) ¦ CUSTOM ~[ <code> , <attributes> ] <version> ~( <name> ) ¦ ( <word> | ( <word> ) | CUSTOM ~[ <code> ] ) <bracket>? ~( <operands> )
<bracket> ~[ <attributes> ]
<code> Foo ¦ foo ¦ shape ¦ "a.b"
<version> @ <= 2 ¦ @ == 1 ¦ @ >= 3
<attributes> <attribute> ¦ <attribute> , <attributes> ¦ <attribute> ,
<attribute> <name> = <value> ¦ shape = <value> ¦ <name> = <word> | <value>
<again> @ <name> ~( <operands>? ) ¦ @ <name> ~[ <attributes> ] ~( <operands>? )
<operands> <operand> ¦ <operand> , <operands> ¦ <operand> ,
<operand> <value> ¦ <name> = <operand> ¦ <value> : <type> ¦ <value> : <lone_type> ¦ <expression> ? ¦ <expression> ? : <type> ¦ <expression> ... ¦ <expression> ... : <type> ¦ not ¦ ( <name> = <operator> ) : <type> ¦ shape ? ¦ ( _ ) ... ¦ 2. ...
<value> <expression> ¦ _ ¦ ( _ ) ¦ phase
<alternatives> ( <branch> | <branch> ) ¦ ( <branch> | <branch> | <branch> )
<branch> <expression> ¦ _ ¦ <name> = <branch>
<type> <root_type> ¦ const ~[ <elements> ] ¦ like <name>
<lone_type> const
<root_type> f32 ¦ i8 | u8 ¦ const f16 ¦ f32 ~[ <elements> ] ¦ [ ] ¦ const [ <elements> ] ¦ const i8 | u8 ~[ ]
<elements> <value> ¦ ... ¦ <value> , <elements> ¦ <value> ,

<expression> <primary> ¦ ( <expression> ) ¦ <binary> ¦ <compared> ¦ not <compared> ¦ <expression> and <compared> ¦ <expression> or <expression>
<compared> <binary> ¦ <binary> <comparison> <binary> ¦ <binary> <comparison> <binary> <comparison> <binary> ¦ ( <expression> )
<comparison> == ¦ != ¦ < ¦ <= ¦ > ¦ >= ¦ in ¦ not␣in ¦ is ¦ is␣not
<binary> <factor> ¦ <factor> <arithmetic> <binary>
<arithmetic> + ¦ - ¦ * ¦ / ¦ // ¦ %
<factor> <power> ¦ - <factor> ¦ + <factor>
<power> <primary> ¦ <primary> ** <factor>
<primary> <name> ¦ <number> ¦ <string> ¦ <literal> ¦ <word> ¦ <postfix> ¦ ( <expression> ) ¦ <list> ¦ <call> ¦ <operator> ¦ <again> ¦ <alternatives> ¦ <flexbuffer>
<postfix> <name> ¦ <call> ¦ ( <expression> ) ¦ <postfix> . <name> ¦ <postfix> . shape ¦ <postfix> ~[ <index> ] ¦ ( <name> = <name> ) . <name>
<index> <expression> ¦ : ¦ <expression> : ¦ : - 1 ¦ <expression> : <expression>
<call> <name> ~( <operands>? )
<list> [ ] ¦ [ <elements> ] ¦ [ <numbers> ]
<numbers> 1234567890 , 1234567890 , 1234567890 ¦ 1234567890 , <numbers> ¦ 1234567890 , 1234567890 , 1234567890 , 1234567890 , <numbers>
<flexbuffer> flexbuffer ~{ } ¦ flexbuffer ~{ <entries> }
<entries> <entry> ¦ <entry> , <entries> ¦ <entry> ,
<entry> <name> : <value> ¦ Key : { <entries> } ¦ 'b␣c' : <flexbuffer> ¦ <name> : { }
<name> x ¦ y ¦ weights ¦ stride_h ¦ a_name_that_is_quite_long ¦ xs ¦ f32
<word> ADD ¦ CONV_2D ¦ SAME ¦ STABLEHLO_COMPOSITE ¦ DEPTHWISE_CONV_2D
<number> 1 ¦ 2.0 ¦ 0x10 ¦ 1e-5 ¦ 7. ¦ .5 ¦ - 3 ¦ ( - 2.5 )
<string> "text" ¦ 'single' ¦ "a␣#␣b" ¦ "esc␣\\"␣\\x01" ¦ "two" 'parts'
<literal> true ¦ false ¦ absent
"""

_ALTERNATIVES = {
    symbol: [alternative.split() for alternative in alternatives.split("¦")]
    for symbol, alternatives in (line.split(" ", 1) for line in _GRAMMAR.strip().split("\n") if line)
}
_SYMBOL = re.compile(r"(<[a-z_]+>)([?*]?)")
_COMMENTS = ["#", "# plain", "#  spaced  ", "# \"quoted' (", "# ä -> b", "#!x"]
_WHITE_SPACE = [" ", "  ", "\n", "\n  ", "\n\n", " \n\n\n "]
_MAY_TOUCH = frozenset(",;)]}")


@st.composite
def texts(draw: DrawFn, symbol: str = "<file>", *, comments: bool = True, budget: int = 60) -> str:
    """A text that a symbol of the grammar can be."""
    tokens = draw(token_lists(symbol, budget))
    parts: list[str] = []
    for token in tokens:
        touching = token.startswith("~")
        if not touching and parts:
            parts.append(draw(_separators(comments)))
            if parts[-1] == " " and token in _MAY_TOUCH and draw(st.booleans()):
                parts.pop()
        parts.append(token.removeprefix("~"))
    if comments:
        parts.insert(0, draw(st.sampled_from(["", "\n\n", "# first\n", "  # first\n\n# and more\n"])))
        parts.append(draw(st.sampled_from(["", "\n", " # last", "\n  # last\n\n", "\n# last\n\n\n  # more"])))
    return "".join(parts)


def _separators(comments: bool) -> st.SearchStrategy[str]:
    plain = st.just(" ") | st.just(" ") | st.just(" ") | st.sampled_from(_WHITE_SPACE)
    if not comments:
        return plain
    commented = st.builds(
        "{}{}\n{}".format, st.sampled_from(_WHITE_SPACE), st.sampled_from(_COMMENTS), st.sampled_from(["", " ", "\n"])
    )
    return plain | plain | plain | plain | commented


@st.composite
def token_lists(draw: DrawFn, symbol: str, budget: int) -> list[str]:
    """The tokens of a text; after `budget` symbols it comes to its end as soon as it can."""
    tokens: list[str] = []
    waiting = [symbol]
    while waiting:
        found = waiting.pop()
        match = _SYMBOL.fullmatch(found)
        if not match:
            tokens.append(found.replace("␣", " "))
            continue
        symbol, repeated = match.groups()
        budget -= 1
        if repeated:
            again = budget > 0 and draw(st.booleans())
            waiting += [found] * (again and repeated == "*") + [symbol] * again
            continue
        alternatives = _ALTERNATIVES[symbol]
        waiting += reversed(draw(st.sampled_from(alternatives)) if budget > 0 else alternatives[0])
    return tokens
