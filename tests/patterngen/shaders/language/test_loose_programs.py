"""The smallest program of each kind that a reader of text may take wrongly: all are drawn."""

from pathlib import Path

import pytest

from patterngen.errors import PatternGenError
from patterngen.shaders.language.program import read_program
from patterngen.shaders.language.translate import Reading, translate
from patterngen.shaders.render.renderer import renderer
from tests.patterngen.shaders.examples import colour, try_out

pytest.importorskip("moderngl")
IMAGE = "void mainImage(out vec4 o,in vec2 u){{{}}}".format
TOY = "void mainImage(out vec4 o,in vec2 u){vec2 p=u/iResolution.xy;"
MAIN = "void main(){gl_FragColor=vec4(1,0,1,1);}"
RED, GREEN, GREY, PINK = (1, 0, 0), (0, 1, 0), (0.5, 0.5, 0.5), (1, 0, 1)


STATEMENTS = {
    "a ternary behind a block": "if(p.x>2.){p.y=1.;} p.y>2.?o.g=1.:o.r=1.;",
    "a value returned behind a block": "for(int i=0;i<3;i++){p.x+=1.;} o.r=f(p.x);",
    "a ternary in each branch": "if(p.x>2.){o.g=1.;}else{p.y>2.?o.g=1.:o.r=1.;}",
    "a ternary in a branch without braces": "if(p.x>2.)o.g=1.;else p.y>2.?o.g=1.:o.r=1.;",
    "a ternary behind a loop without braces": "for(int i=0;i<3;i++)p.x>9.?o.g=1.:o.r=1.;",
    "a ternary in the loop of a macro": "LOOP p.x>9.?o.g=1.:o.r=1.;",
    "a ternary in a do": "do p.x>9.?o.g=1.:o.r=1.; while(o.r<1.);",
    "a ternary in a switch": "switch(int(p.x)){default:p.x>9.?o.g=1.:o.r=1.;}",
    "a comma in a branch": "p.x>9.?o.g=1.,o.b=1.:o.r=1.;",
    "commas in and behind a branch": "p.y<9.?o.b=1.,p.x<9.?o.r=1.,o.b=0.:o.g=1.:o.g=1.,o.a=1.;",
    "a structure without values": "struct S{vec3 a;float b[2];};S s;o.r=1.+s.a.x+s.b[1];o.gb=s.a.yz;",
    "braces in values": "vec2 a[2]={vec2(1,0),vec2(0)}; o.rg=a[0];",
}
BEFORE = """float f(float x){for(int i=0;i<2;i++){x+=1.;} return x>.5 ? 1. : 0.;}
#define LOOP for(int i=0;i<3;i++)
"""


@pytest.mark.parametrize("body", STATEMENTS.values(), ids=STATEMENTS)
def test_statements_begin_where_they_begin(tmp_path: Path, body: str) -> None:
    assert colour(tmp_path / "it.glsl", f"{BEFORE}{TOY}{body}}}") == [1, 0, 0]


PROGRAMS: dict[str, tuple[str, tuple[float, ...]]] = {
    "a main that calls mainImage": (
        "uniform float time;\n"
        + IMAGE("o=vec4(time/5.);")
        + "void main(){mainImage(gl_FragColor,gl_FragCoord.xy);}",
        GREY,
    ),
    "a main beside mainImage": (IMAGE("o=vec4(0);") + MAIN, PINK),
    "a main that counts on Shadertoy's inputs": (
        IMAGE("o=vec4(0);") + MAIN.replace("1,0,1,1", "iTime/5."),
        GREY,
    ),
    "a main for other sites": (
        f"#ifdef ELSEWHERE\n{MAIN}\n#else\n" + IMAGE("o=vec4(1,0,0,1);") + "\n#endif",
        RED,
    ),
    "a main by a macro": ("#define MAIN void main()\nMAIN{gl_FragColor=vec4(1,0,1,1);}", PINK),
    "a main that a macro calls mainImage": (
        "#define mainImage main\n" + MAIN.replace("main", "mainImage"),
        PINK,
    ),
    "a mainImage by a macro": (
        "#define MAIN(o) void mainImage(out vec4 o,vec2 u)\nMAIN(o){o=vec4(1,0,0,1);}",
        RED,
    ),
    "a mainImage that is a macro": ("#define mainImage(o,u) o.r=step(-1.,u.x);o.b=o.a", PINK),
    "a mainImage with a macro in its head": (
        "#define mainImage(o,u) mainImage(out vec4 o,vec2 u)\nvoid mainImage(o,u){o.r=1.;}\n#undef mainImage",
        RED,
    ),
    "a prototype with an output": (
        "void f(vec2 p,out float d);\n" + IMAGE("f(u,o.r);") + "void f(vec2 p,out float d){d=1.;}",
        RED,
    ),
    "braces that balance in each branch": (
        "#define A void mainImage(out vec4 o,vec2 u)\n#if 1\nA{\n#else\nA{if(1){\n#endif\no.r=1.;}",
        RED,
    ),
    "a uniform in a branch that is not compiled": (f"#if 0\nuniform int nothing[;\n#endif\n{MAIN}", PINK),
    "a browser's branch": (
        "#ifdef GL_ES\nprecision highp float;\n" + MAIN + "\n#else\nno GLSL\n#endif",
        PINK,
    ),
    "a desktop's branch": ("#version 330\n#ifdef GL_ES\nno GLSL\n#else\n" + MAIN + "\n#endif", PINK),
    "a condition in several words": (
        "#define A 2\n#if defined(A) && !defined B && (A*2==4 || -1 << 3) // so\n"
        + MAIN
        + "\n#else\nno GLSL\n#endif",
        PINK,
    ),
    "a condition with a call": ("#define F(x) x\n#if F(0)\nno GLSL\n#else\n" + MAIN + "\n#endif", PINK),
    "branches within branches": (
        "#if 0\n#if 1\nno\n#else\nno\n#endif\n#elif 1\n#ifndef A\n" + MAIN + "\n#endif\n#else\nno\n#endif",
        PINK,
    ),
    "a quick machine": (IMAGE("o=vec4(HW_PERFORMANCE,0,0,1);"), RED),
    "a quick machine's branch": ("#if HW_PERFORMANCE==0\nno GLSL\n#endif\n" + IMAGE("o=vec4(1,0,0,1);"), RED),
    "macros of the renderer's words": (
        "#define rgb(a,b,c) no\n#define max no\n#define clamp(a) no\n#define vec3 vec2\n#define main no\n"
        "#define greaterThan no\n" + IMAGE("o=vec4(1,0,0,1);"),
        RED,
    ),
    "the size of a texture": (
        """uniform sampler2D u_tex0;uniform vec2 u_tex0Resolution;
void main(){gl_FragColor=vec4(vec2(textureSize(u_tex0,0))==u_tex0Resolution,0,0,1);}""",
        RED,
    ),
    "an input by the name of a macro": (
        "#define T time\nuniform float T;\nvoid main(){gl_FragColor=vec4(T/5.);}",
        GREY,
    ),
    "an output's name for another output": (
        "#define outColor gl_FragColor\nvoid main(){outColor=vec4(1,0,1,1);}",
        PINK,
    ),
    "an output's name in a body": ("#define o gl_FragColor\no=vec4(1,0,1,1);", PINK),
    "a macro for an input behind it": ("uniform float time;\n#define time (1.)\n" + MAIN, PINK),
    "functions of the renderer's words": (
        "float clamp(float x){return 1.;}\nfloat any(vec2 x){return 0.;}\n"
        + IMAGE("o=vec4(clamp(9.),any(u),0,1);"),
        RED,
    ),
    "a pattern of ours with such words": (
        """#define max no
#define ivec2(a) no
float clamp(float x){return 1.;}
vec3 pattern(vec2 p,float t,vec4 r){return vec3(clamp(9.),0,0);}""",
        RED,
    ),
    "a function called as today's": (
        """uniform sampler2D texture;
vec4 textureLod(float x){return vec4(x);}
void main(){gl_FragColor=vec4(1,0,1,1)+0.*texture2D(texture,vec2(0))*textureLod(1.);}""",
        PINK,
    ),
    "a macro in terms of itself": ("#define iTime (iTime*.2)\n" + IMAGE("o=vec4(iTime);"), GREY),
    "a macro of a helper in terms of itself": ("#define PI (PI/PI*.5)\no=vec4(PI);", GREY),
    "an input's name for another thing": ("float iTime(){return .5;}\n" + IMAGE("o=vec4(iTime());"), GREY),
    "a pattern of two places": (
        "vec3 pattern(vec2 p){return vec3(1,0,0);}\n" + IMAGE("o.rgb=pattern(u);"),
        RED,
    ),
    "a pattern of another main": (
        "vec3 pattern(vec2 p){return vec3(1,0,1);}\nvoid main(){gl_FragColor.rgb=pattern(vec2(0));}",
        PINK,
    ),
    "a pattern of ours": ("vec3 pattern(vec2 p,float t,vec4 r){return vec3(1,0,0);} // no mainImage()", RED),
    "breaks that are none": ("// \f \x0b \x1c \x85 \u2028 no GLSL\n" + IMAGE("o=vec4(1,0,0,1);"), RED),
    "breaks of all systems": ("// a\r// b\r\n// c\n" + IMAGE("\ro=vec4(1,0,0,1);\r"), RED),
    "a comment that goes on": ("// so \\\nno GLSL\n" + IMAGE("o=vec4(1,0,0,1);"), RED),
    "a comment in a directive": (
        "#define A /* two\nlines */ 1.\n#define B 0. // /* not one\n" + IMAGE("o=vec4(A,B,B,A);"),
        RED,
    ),
    "a backslash at the end": (IMAGE("o=vec4(1,0,0,1);") + "// so \\", RED),
    "a directive behind a comment": ("/* a */ #define A 1.\n" + IMAGE("o=vec4(A,0,0,1);"), RED),
    "names that are the renderer's elsewhere": (
        "float tiles,stride,lift,pixel,first_row,picture_time,noise;uniform vec2 tile;\n"
        + IMAGE("o=vec4(1,tiles+pixel,0,1);"),
        RED,
    ),
    "the constants of TwiGL's page": (
        "o=vec4(.5*F4/.309017,permute(vec4(0)).x+mod289(289.5),.5*taylorInvSqrt(.7)*sqrt(.7),1);",
        GREY,
    ),
    "an F4 of one's own": ("#define F4 vec4(1,0,0,1)\no=F4;", RED),
    "values without a type's name": ("float a[3]={1.,0.,0.};" + IMAGE("o=vec4(a[0],a[1],a[2],1);"), RED),
}


@pytest.mark.parametrize(("text", "expected"), PROGRAMS.values(), ids=PROGRAMS)
def test_what_people_write_is_drawn_as_they_meant(
    tmp_path: Path, text: str, expected: tuple[float, ...]
) -> None:
    assert colour(tmp_path / "it.glsl", text) == pytest.approx(expected, abs=1e-5)


def test_grad4_lies_on_a_cross_polytope_with_all_its_corners_reachable(tmp_path: Path) -> None:
    ip = "vec4(1./294.,1./49.,1./7.,0)"
    for j in (0, 17, 100, 293):
        text = f"vec4 g=grad4({j}.,{ip});o=vec4(dot(abs(g),vec4(1))/3.);"
        assert colour(tmp_path / "it.glsl", text)[0] == pytest.approx(0.5, abs=1e-5)


def test_a_fault_of_the_reader_costs_the_program_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "deep.glsl"
    path.write_text("o=vec4(1);" + "a?b:" * 5000 + "c;")
    with pytest.raises(PatternGenError, match=rf"^{path}: cannot be translated: RecursionError"):
        try_out(renderer(), read_program(path))


def test_what_is_not_known_is_zero_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "unknown.frag"
    path.write_text(
        "uniform vec2 resolutoin,resolution;uniform vec3 time;\n"
        "uniform float speed[2],gain=.5;varying vec2 place;\n"
        "void main(){gl_FragColor=vec4(resolutoin.x,time.x+speed[1]+gain,resolution.x/5.,1);}"
    )
    assert colour(path, path.read_text()) == pytest.approx([0, 0.5, 1.0])
    assert translate(read_program(path), Reading()).notes == (
        "uniform vec2 resolutoin is 0",
        "uniform vec3 time is 0",
        "uniform float speed is 0",
        "vec2 place runs from 0 to 1 across the picture",
    )
