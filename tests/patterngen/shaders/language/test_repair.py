"""The words of programs, and repairs that keep every line where it is."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterngen.shaders.language.repair import declared, macros, renamings, repairs
from patterngen.shaders.language.tokens import apply, tokens


def repaired(text: str) -> str:
    text = apply(text, renamings(tokens(text)))[0]
    return apply(text, repairs(text, tokens(text)))[0]


A = "A(int(0),int[2](int(0),int(0)))"


@pytest.mark.parametrize(
    ("loose", "sound"),
    [
        ("float a;", "float a=float(0);"),
        ("int i,j=2,k;", "int i=int(0),j=2,k=int(0);"),
        ("highp vec3 p, q = vec3(1, 2, 3), s;", "highp vec3 p=vec3(0), q = vec3(1, 2, 3), s=vec3(0);"),
        (
            "for(float i,g;i++<9.;){mat2x3 m;}",
            "for(float i=float(0),g=float(0);i++<9.;){mat2x3 m=mat2x3(0);}",
        ),
        ("if(a)float b;else bool c;", "if(a)float b=float(0);else bool c=bool(0);"),
        ("float f(vec2 p);", "float f(vec2 p);"),
        ("float f(vec2 p){return p.x;}", "float f(vec2 p){return p.x;}"),
        ("int a[2], b;", "int a[2]=int[2](int(0),int(0)), b=int(0);"),
        ("vec2[2] a, b[2], c=f();", "vec2[2] a=vec2[2](vec2(0),vec2(0)), b[2], c=f();"),
        ("#define N 1\nint a[N];", "#define N 1\nint a[N]=int[1](int(0));"),
        ("const int n = 1;int a[n];", "const int n = 1;int a[n]=int[1](int(0));"),
        ("int a[],b[n],c[1+1],d[1]={1};", "int a[],b[n],c[1+1],d[1]={1};"),
        ("#define N 1+1\nint a[N];", "#define N 1+1\nint a[N];"),
        ("struct S{float a;vec2 b;};S s;", "struct S{float a;vec2 b;};S s=S(float(0),vec2(0));"),
        (
            "struct A{highp int a,b[2];};struct B{A a;A b;};B f(B b){B c,d=b;return d;}",
            f"struct A{{highp int a,b[2];}};struct B{{A a;A b;}};B f(B b){{B c=B({A},{A}),d=b;return d;}}",
        ),
        (
            "struct S{int a[99999999];};S s;int b[9999999];",
            "struct S{int a[99999999];};S s;int b[9999999];",
        ),
        ("struct S{T a;};S s;struct{int a;} t;", "struct S{T a;};S s;struct{int a;} t;"),
        ("uniform Block{float a;};", "uniform Block{float a;};"),
        ("const float a=1.;", "const float a=1.;"),
        ("void f(out vec4 a,in vec2 b){}", "void f(inout vec4 a,in vec2 b){}"),
        ("a<b?c=1.:d=v;", "{if(a<b){c=1.;}else{d=v;};}"),
        ("a<b?c():d<e?f():g();", "{if(a<b){c();}else{if(d<e){f();}else{g();};};}"),
        ("x=1.,a?b:c,y++;", "{x=1.;if(a){b;}else{c;};y++;}"),
        ("x=a?b:c;", "x=a?b:c;"),
        ("return a?b:c;", "return a?b:c;"),
        ("f(a?b:c,d);", "f(a?b:c,d);"),
        ("float x=a?b:c;", "float x=a?b:c;"),
        ("vec4 c=texture2D(s,p);", "vec4 c=texture(s,p);"),
        ("#define T texture2D", "#define T texture"),
        ("vec3 texture(vec2 p);texture2D(s,texture(p));", "vec3 texture_(vec2 p);texture(s,texture_(p));"),
        ("x.filter=sample;", "x.filter_=sample_;"),
        ("#version 300 es\nint i=1;", "               \nint i=1;"),
        ("precision highp float;int i=1;", "                      int i=1;"),
        ("// float a;\n/* int b; */", "// float a;\n/* int b; */"),
    ],
)
def test_a_loose_program_is_repaired_and_a_sound_one_left(loose: str, sound: str) -> None:
    assert repaired(loose) == sound


WORDS = ["float", "vec2", "a", "b", ",", ";", "=", "?", ":", "(", ")", "{", "}"]
WORDS += ["for", "1.", "out", "precision"]


@given(st.lists(st.sampled_from([*WORDS, "\n", "#version 3\n", "// c\n", "struct", "layout"]), max_size=40))
def test_any_text_keeps_its_lines_and_its_words_are_in_order(words: list[str]) -> None:
    text = " ".join(words)
    program = tokens(text)
    assert all(text[token.start : token.end] == token.text for token in program)
    assert all(a.end <= b.start for a, b in itertools.pairwise(program))
    assert repaired(text).count("\n") == text.count("\n")


def test_what_a_program_names_itself() -> None:
    text = "#define PI 3.\nfloat noise(vec2 p){float local=1.;return local;}\nconst float a=1.,b=2.;vec2 c;"
    assert declared(tokens(text)) == {"noise", "a", "b", "c"}
    assert macros(tokens(text)) == {"PI"}
