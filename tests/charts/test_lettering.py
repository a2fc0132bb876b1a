"""Lines fit their room, break where a reader expects it, and lose nothing unless they must."""

from hypothesis import given
from hypothesis import strategies as st

from bot.charts.lettering import width, wrap


def test_words_stay_whole_and_lines_are_of_about_the_same_length() -> None:
    assert wrap("Conditional Image Generation with PixelCNN Decoders", 12.5, 226, 3) == [
        "Conditional Image Generation",
        "with PixelCNN Decoders",
    ]


def test_chinese_breaks_between_characters_and_never_before_its_punctuation() -> None:
    assert wrap("问题一，答案二，解释三", 10, 45, 9) == ["问题一，", "答案二，", "解释三"]


def test_a_latin_word_in_chinese_stays_whole() -> None:
    lines = wrap("使用 PixelCNN 解码器的条件图像生成", 10, 90, 5)
    assert any("PixelCNN" in line for line in lines)
    assert "".join(lines).replace(" ", "") == "使用PixelCNN解码器的条件图像生成"


def test_what_is_too_long_ends_with_an_ellipsis() -> None:
    (line,) = wrap("a very long title that goes on and on", 10, 100, 1)
    assert line.endswith("…")
    assert width(line, 10) <= 100
    assert [len(line) for line in wrap("x" * 100, 10, 100, 3)] == [17, 17, 16]


@given(
    st.text(st.sampled_from("ab wWi读，。：…-( )“”é🙂"), max_size=80), st.integers(40, 200), st.integers(1, 4)
)
def test_lines_fit_and_nothing_is_lost_without_an_ellipsis(text: str, room: int, most: int) -> None:
    lines = wrap(text, 10, room, most)
    assert 1 <= len(lines) <= most
    assert all(width(line, 10) <= room for line in lines)
    if not lines[-1].endswith("…"):
        assert "".join("".join(lines).split()) == "".join(text.split())
