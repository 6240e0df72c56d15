//! Texts that fit: they shrink, wrap, and in the end are cut, but never leave their place.

use std::fmt::Write;

use onboarding_core::Language;
use unicode_bidi::{Direction, get_base_direction};
use unicode_segmentation::UnicodeSegmentation;

use crate::{
    clean::escape,
    fonts::{FAMILY, Fonts, Style},
};

const ELLIPSIS: &str = "…";

/// Where a text may stand and how it looks there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) width: f64,
    pub(crate) most_lines: usize,
    /// Largest first; the first size at which the text fits is taken.
    pub(crate) sizes: &'a [f64],
    pub(crate) bold: bool,
    pub(crate) family: &'static str,
}

impl<'a> Place<'a> {
    pub(crate) fn new(width: f64, most_lines: usize, sizes: &'a [f64]) -> Self {
        Self {
            width,
            most_lines,
            sizes,
            bold: false,
            family: FAMILY,
        }
    }

    pub(crate) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
}

/// A text broken into lines that are no wider than their place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block {
    pub(crate) lines: Vec<String>,
    /// Whether its end is missing.
    pub(crate) is_cut: bool,
    /// Of the whole text: a line of it that has Latin letters only still belongs to it.
    is_rtl: bool,
    style: Style,
}

/// Where lines begin or are centred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Left,
    Middle,
    Right,
}

impl Block {
    pub(crate) fn fit(text: &str, place: Place<'_>, fonts: &Fonts, language: &Language) -> Self {
        let style = |size| Style {
            size,
            bold: place.bold,
            family: place.family,
        };
        let block = |lines, size| Self {
            lines,
            is_cut: false,
            is_rtl: is_rtl(text),
            style: style(size),
        };
        let mut last = block(Vec::new(), 0.0);
        if text.is_empty() {
            return last;
        }
        // One line at any size looks better than two at the largest, down to where it becomes hard to read.
        let single = place.sizes.iter().take(place.sizes.len().div_ceil(2));
        for size in single {
            if fonts.width(text, style(*size), language) <= place.width {
                return block(vec![text.to_owned()], *size);
            }
        }
        // Fewer lines first, then larger letters.
        for lines in 2.min(place.most_lines)..=place.most_lines {
            for size in place.sizes {
                let width = |line: &str| fonts.width(line, style(*size), language);
                last = block(wrap(text, place.width, &width), *size);
                if last.lines.len() <= lines {
                    return last;
                }
            }
        }
        let style = last.style;
        last.cut(place, &|line| fonts.width(line, style, language));
        last
    }

    /// Height of all lines.
    pub(crate) fn height(&self) -> f64 {
        f64::from(u32::try_from(self.lines.len()).unwrap_or(u32::MAX)) * self.line()
    }

    fn line(&self) -> f64 {
        self.style.size * 1.32
    }

    /// As SVG, its upper edge at `top`.
    pub(crate) fn svg(&self, x: f64, top: f64, anchor: Anchor, fill: &str) -> String {
        let mut svg = String::new();
        let anchor = match anchor {
            Anchor::Left => "start",
            Anchor::Middle => "middle",
            Anchor::Right => "end",
        };
        let mut baseline = top + self.style.size * 1.02;
        for line in &self.lines {
            // Writing to a string cannot fail.
            let _ = write!(
                svg,
                r#"<text x="{x:.2}" y="{baseline:.2}" text-anchor="{anchor}" fill="{fill}" font-family="{}" font-size="{}" font-weight="{}">{}</text>"#,
                self.style.family,
                self.style.size,
                self.style.weight(),
                escape(&directed(line, self.is_rtl)),
            );
            baseline += self.line();
        }
        svg
    }

    fn cut(&mut self, place: Place<'_>, width: &dyn Fn(&str) -> f64) {
        self.is_cut = true;
        self.lines.truncate(place.most_lines);
        if let Some(line) = self.lines.last_mut() {
            let mut kept: Vec<&str> = line.graphemes(true).collect();
            let shown = loop {
                let shown = format!("{}{ELLIPSIS}", kept.concat().trim_end());
                if kept.pop().is_none() || width(&shown) <= place.width {
                    break shown;
                }
            };
            *line = shown;
        }
    }
}

/// Whether the text is read from right to left.
pub(crate) fn is_rtl(text: &str) -> bool {
    get_base_direction(text) == Direction::Rtl
}

/// A line that keeps its order wherever it is drawn: the renderer takes every line for left to right, which
/// would tear "… WhatsApp." apart in Arabic.
fn directed(line: &str, is_rtl: bool) -> String {
    if is_rtl {
        format!("\u{202b}{line}\u{202c}")
    } else {
        line.to_owned()
    }
}

fn wrap(text: &str, most: f64, width: &dyn Fn(&str) -> f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut from = 0;
    for (end, _) in unicode_linebreak::linebreaks(text) {
        let piece = &text[from..end];
        from = end;
        if width((line.clone() + piece).trim_end()) <= most {
            line.push_str(piece);
            continue;
        }
        finish(&mut lines, &mut line);
        // A word wider than the line is broken where it must be.
        for part in piece.graphemes(true) {
            if !line.is_empty() && width((line.clone() + part).trim_end()) > most {
                finish(&mut lines, &mut line);
            }
            line.push_str(part);
        }
    }
    finish(&mut lines, &mut line);
    balanced(lines, most, width)
}

fn finish(lines: &mut Vec<String>, line: &mut String) {
    let done = std::mem::take(line);
    if !done.trim().is_empty() {
        lines.push(done.trim().to_owned());
    }
}

/// Moves words of two lines so that the second is not a single short word.
fn balanced(lines: Vec<String>, most: f64, width: &dyn Fn(&str) -> f64) -> Vec<String> {
    let [first, second] = lines.as_slice() else {
        return lines;
    };
    let mut best = (first.clone(), second.clone());
    let mut best_width = width(first).max(width(second));
    let joint = if first.ends_with(is_spaceless) { "" } else { " " };
    let text = format!("{first}{joint}{second}");
    for (end, _) in unicode_linebreak::linebreaks(&text) {
        let (left, right) = (text[..end].trim(), text[end..].trim());
        let widest = width(left).max(width(right));
        if !right.is_empty() && widest < best_width && widest <= most {
            best = (left.to_owned(), right.to_owned());
            best_width = widest;
        }
    }
    vec![best.0, best.1]
}

/// Scripts without spaces between words.
fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(text: &str, most_lines: usize) -> Block {
        let sizes = [60.0, 50.0, 40.0];
        let place = Place::new(900.0, most_lines, &sizes);
        Block::fit(text, place, &Fonts::embedded(), &Language::english())
    }

    #[test]
    fn a_short_name_stands_on_one_line_at_the_largest_size() {
        let block = fit("Robert Fox", 2);
        assert_eq!((block.lines.len(), block.style.size), (1, 60.0));
    }

    #[test]
    fn no_line_is_wider_than_its_place() {
        let names = [
            "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff Senior of Philadelphia and Berlin",
            "Wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
            "محمد بن عبد الله بن عبد العزيز آل سعود الهاشمي القرشي المكي المدني الحجازي النجدي العربي",
        ];
        for name in names {
            let block = fit(name, 2);
            assert!(block.lines.len() <= 2, "{:?}", block.lines);
            for line in &block.lines {
                let width = Fonts::embedded().width(line, block.style, &Language::english());
                assert!(width > 0.0 && width <= 900.0, "{width}: {line}");
            }
        }
    }

    #[test]
    fn two_lines_are_about_equally_long() {
        let block = fit("Scan this QR code and hit Send to contact me on WhatsApp.", 2);
        assert_eq!(block.lines.len(), 2);
        assert!(block.lines[1].split(' ').count() > 3, "{:?}", block.lines);
    }

    #[test]
    fn the_rest_of_an_endless_text_is_an_ellipsis() {
        let block = fit(&"word ".repeat(60), 2);
        assert_eq!(block.lines.len(), 2);
        assert!(block.lines[1].ends_with('…'), "{:?}", block.lines);
    }

    #[test]
    fn nothing_takes_no_room() {
        assert!(fit("", 2).height().abs() < f64::EPSILON);
    }
}
