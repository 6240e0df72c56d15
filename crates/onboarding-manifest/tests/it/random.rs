//! Random texts and broken samples: no panic, one line for each mistake, each line in the file.

use onboarding_manifest::parse;
use proptest::{prelude::*, sample::Index};

use super::ACME;

/// Pieces that mean something in a manifest, in places where they do not.
const PIECES: &[&str] = &[
    "=",
    "[",
    "]",
    "[[users]]",
    "{",
    "}",
    "\"",
    "'",
    "\n",
    "#",
    "0",
    "-1",
    "true",
    "\u{202e}",
    ",",
    "é",
];

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = parse("any.toml", &text);
    }

    #[test]
    fn no_change_of_the_sample_makes_it_panic_or_point_outside_the_file(
        edits in prop::collection::vec((any::<Index>(), any::<Index>(), any::<bool>()), 1..6),
    ) {
        let mut text = ACME.to_owned();
        for (at, piece, replaces) in edits {
            let (from, c) = text.char_indices().nth(at.index(text.chars().count())).expect("the index is of this text");
            let to = if replaces { from + c.len_utf8() } else { from };
            text.replace_range(from..to, PIECES[piece.index(PIECES.len())]);
        }
        check(&text)?;
    }

    #[test]
    fn no_loss_of_lines_makes_it_panic_or_point_outside_the_file(
        keep in prop::collection::vec(prop::bool::weighted(0.9), 130),
    ) {
        let lines: Vec<_> = ACME.lines().zip(keep).filter(|(_, keep)| *keep).map(|(line, _)| line).collect();
        check(&lines.join("\n"))?;
    }
}

fn check(text: &str) -> Result<(), TestCaseError> {
    if let Err(errors) = parse("acme.toml", text) {
        prop_assert!(errors.iter().next().is_some());
        let printed = errors.to_string();
        prop_assert_eq!(
            printed.lines().count(),
            errors.iter().count(),
            "one line each: {}",
            printed
        );
        for error in &errors {
            prop_assert!((1..=text.lines().count() + 1).contains(&error.line), "{}", error);
        }
    }
    Ok(())
}
