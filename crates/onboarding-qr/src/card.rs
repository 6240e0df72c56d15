//! The card that a client sees: who it is, what to do, and the code.

use std::fmt::Write;

use onboarding_core::Language;
use resvg::usvg;

use crate::{
    clean::{escape, initials},
    code::Code,
    draw::{self, DrawError, drawable},
    fonts::Fonts,
    picture::Picture,
    size::Size,
    tag::content_tag,
    text::{Anchor, Block, Place},
    words::sentences,
};

/// Light or dark surroundings; the code is dark on light in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// As in Leap Work for Teams and on a client's phone.
    #[default]
    Light,
    /// As in Leap Work on the web.
    Dark,
}

/// The colours of a theme.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Colours {
    pub(crate) ground: &'static str,
    pub(crate) strong: &'static str,
    pub(crate) soft: &'static str,
    pub(crate) accent: &'static str,
    pub(crate) disc: &'static str,
    pub(crate) initials: &'static str,
}

impl Theme {
    pub(crate) fn colours(self) -> Colours {
        match self {
            Self::Light => Colours {
                ground: "#f3f2f1",
                strong: "#1b2230",
                soft: "#4c5567",
                accent: "#2563eb",
                disc: "#dbe4f5",
                initials: "#1d3f8f",
            },
            Self::Dark => Colours {
                ground: "#252c39",
                strong: "#ffffff",
                soft: "#c3cad7",
                accent: "#4d8dff",
                disc: "#465264",
                initials: "#ffffff",
            },
        }
    }
}

/// Everything that stands on a card.
#[derive(Debug, Clone, Copy)]
pub struct Card<'a> {
    /// The user's name.
    pub name: &'a str,
    /// Their position, if any.
    pub title: Option<&'a str>,
    /// The company's name.
    pub company: &'a str,
    /// The languages of the sentence, the most important first; two are shown at the most.
    pub languages: &'a [Language],
    /// Their picture; without one, their initials stand in the disc.
    pub avatar: Option<&'a Picture>,
    /// Their code.
    pub code: &'a Code,
    /// The surroundings.
    pub theme: Theme,
}

/// The card in units; other widths scale it.
const WIDTH: f64 = 1080.0;
const HEIGHT: f64 = 1440.0;
const EDGE: f64 = 76.0;
const TEXT: f64 = WIDTH - 2.0 * EDGE;
const MOST_CODE: f64 = 744.0;
const LEAST_CODE: f64 = 590.0;
const MOST_AVATAR: f64 = 210.0;
const LEAST_AVATAR: f64 = 124.0;

impl Card<'_> {
    /// As SVG of a width; the height is four thirds of it. Its texts are outlines, so that it needs no font.
    pub fn svg(&self, fonts: &Fonts, width: Size) -> Result<String, DrawError> {
        let tree = self.tree(fonts, width)?;
        let title = [self.name, self.title.unwrap_or_default(), self.company];
        let title: Vec<&str> = title.into_iter().filter(|text| !text.is_empty()).collect();
        Ok(draw::outlined(&tree, &crate::clean::clean(&title.join(", "))))
    }

    /// As PNG of a width; the height is four thirds of it.
    pub fn png(&self, fonts: &Fonts, width: Size) -> Result<Vec<u8>, DrawError> {
        draw::png(&self.tree(fonts, width)?, width)
    }

    /// Names this card as SVG or PNG of a width, for caches.
    pub fn content_tag(&self, fonts: &Fonts, width: Size) -> String {
        let languages: Vec<&str> = self.languages.iter().map(Language::as_str).collect();
        content_tag(&[
            b"card",
            self.name.as_bytes(),
            self.title.unwrap_or_default().as_bytes(),
            self.company.as_bytes(),
            languages.join(" ").as_bytes(),
            self.avatar.map_or("", Picture::data_uri).as_bytes(),
            &self.code.identity(),
            self.theme.colours().ground.as_bytes(),
            &fonts.fingerprint(),
            &width.pixels().to_be_bytes(),
        ])
    }

    fn tree(&self, fonts: &Fonts, width: Size) -> Result<usvg::Tree, DrawError> {
        let layout = Layout::of(self, fonts)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the code's side is a share of at most 4096 pixels"
        )]
        let code = (layout.code / WIDTH * f64::from(width.pixels())).round() as u32;
        self.code.readable_at(width.pixels(), code)?;
        draw::laid_out(&layout.svg(self, width), fonts, &main_language(self.languages))
    }
}

pub(crate) fn main_language(languages: &[Language]) -> Language {
    languages.first().cloned().unwrap_or_else(Language::english)
}

/// Where everything stands.
struct Layout {
    initials: String,
    name: Block,
    /// Title and company.
    roles: Vec<Block>,
    sentences: Vec<Block>,
    avatar: f64,
    code: f64,
    /// Unused height, spread over the gaps.
    spare: f64,
}

const AFTER_AVATAR: f64 = 26.0;
const BETWEEN_ROLES: f64 = 5.0;
const AFTER_ROLES: f64 = 18.0;
const AFTER_SENTENCES: f64 = 30.0;

impl Layout {
    fn of(card: &Card<'_>, fonts: &Fonts) -> Result<Self, DrawError> {
        let language = main_language(card.languages);
        let name = drawable(card.name, fonts)?;
        let fit = |text: &str, place: Place<'_>| Block::fit(text, place, fonts, &language);
        let mut roles = Vec::new();
        for text in [card.title.unwrap_or_default(), card.company] {
            let text = drawable(text, fonts)?;
            roles.push(fit(&text, Place::new(TEXT, 2, &[36.0, 33.0, 30.0])));
        }
        let sentences = sentences(card.languages, 2)
            .into_iter()
            .map(|(language, sentence)| {
                let place = Place {
                    family: sentence.family,
                    ..Place::new(TEXT, 2, &[33.0, 31.0, 29.0])
                };
                Block::fit(sentence.text, place, fonts, &language)
            });
        let mut name_block = fit(&name, Place::new(TEXT, 2, &[66.0, 60.0, 54.0, 48.0, 44.0]).bold());
        if name_block.is_cut {
            name_block = fit(&name, Place::new(TEXT, 3, &[40.0]).bold());
        }
        let mut layout = Self {
            initials: initials(&name),
            name: name_block,
            roles,
            sentences: sentences.collect(),
            avatar: MOST_AVATAR,
            code: MOST_CODE,
            spare: 0.0,
        };
        layout.share_out();
        Ok(layout)
    }

    /// Gives avatar and code what the texts leave them, the code last of all.
    fn share_out(&mut self) {
        let texts = [&self.roles, &self.sentences].into_iter().flatten();
        let texts: f64 = self.name.height() + texts.map(Block::height).sum::<f64>();
        let gaps =
            AFTER_AVATAR + 2.0 * BETWEEN_ROLES + AFTER_ROLES + self.between_sentences() + AFTER_SENTENCES;
        let fixed = 2.0 * EDGE + gaps;
        let room = HEIGHT - fixed - texts;
        self.avatar = (room - MOST_CODE).clamp(LEAST_AVATAR, MOST_AVATAR);
        self.code = (room - self.avatar).clamp(LEAST_CODE, MOST_CODE);
        self.spare = (room - self.avatar - self.code).max(0.0);
    }

    fn between_sentences(&self) -> f64 {
        if self.sentences.len() > 1 { 12.0 } else { 0.0 }
    }

    fn svg(&self, card: &Card<'_>, width: Size) -> String {
        let colours = card.theme.colours();
        let (middle, pixels) = (WIDTH / 2.0, width.pixels());
        let height = (f64::from(pixels) * HEIGHT / WIDTH).round();
        let mut svg = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{pixels}" height="{height}" viewBox="0 0 {WIDTH} {HEIGHT}"><rect width="{WIDTH}" height="{HEIGHT}" fill="{}"/>"#,
            colours.ground
        );
        let mut top = EDGE + self.spare * 0.3;
        svg += &self.disc(card, top, colours);
        top += self.avatar + AFTER_AVATAR + self.spare * 0.1;
        svg += &self.name.svg(middle, top, Anchor::Middle, colours.strong);
        top += self.name.height();
        for role in &self.roles {
            svg += &role.svg(middle, top, Anchor::Middle, colours.soft);
            top += role.height() + BETWEEN_ROLES;
        }
        top += AFTER_ROLES + self.spare * 0.3;
        for sentence in &self.sentences {
            svg += &sentence.svg(middle, top, Anchor::Middle, colours.strong);
            top += sentence.height() + self.between_sentences();
        }
        top += AFTER_SENTENCES - self.between_sentences();
        svg += &self.panel(card.code, top);
        svg + "</svg>"
    }

    /// The portrait or the initials, in a ring.
    fn disc(&self, card: &Card<'_>, top: f64, colours: Colours) -> String {
        let (x, radius) = (WIDTH / 2.0, self.avatar / 2.0);
        let y = top + radius;
        let inner = radius - 14.0;
        let mut svg = format!(
            r#"<circle cx="{x}" cy="{y:.2}" r="{:.2}" fill="none" stroke="{}" stroke-width="6"/><circle cx="{x}" cy="{y:.2}" r="{inner:.2}" fill="{}"/>"#,
            radius - 3.0,
            colours.accent,
            colours.disc
        );
        // Writing to a string cannot fail.
        let _ = match card.avatar {
            Some(picture) => write!(
                svg,
                r#"<clipPath id="disc"><circle cx="{x}" cy="{y:.2}" r="{inner:.2}"/></clipPath><image clip-path="url(#disc)" x="{:.2}" y="{:.2}" width="{side:.2}" height="{side:.2}" preserveAspectRatio="xMidYMid slice" href="{}"/>"#,
                x - inner,
                y - inner,
                picture.data_uri(),
                side = inner * 2.0,
            ),
            None => write!(
                svg,
                r#"<text x="{x}" y="{:.2}" text-anchor="middle" font-family="Noto Sans" font-size="{:.2}" font-weight="700" fill="{}">{}</text>"#,
                y + inner * 0.285,
                inner * 0.8,
                colours.initials,
                escape(&self.initials),
            ),
        };
        svg
    }

    /// The code on white, its modules whole units so that they are sharp at the card's own size.
    fn panel(&self, code: &Code, top: f64) -> String {
        let (side, left) = (self.code, (WIDTH - self.code) / 2.0);
        let modules = f64::from(code.modules());
        let whole = (side / modules).floor();
        let module = if whole >= 4.0 { whole } else { side / modules };
        let inset = (side - module * modules) / 2.0;
        format!(
            r##"<rect x="{left:.2}" y="{top:.2}" width="{side:.2}" height="{side:.2}" rx="28" fill="#ffffff"/><g transform="translate({:.2} {:.2}) scale({module:.5})">{}</g>"##,
            (left + inset).round(),
            (top + inset).round(),
            code.drawing(false)
        )
    }
}
