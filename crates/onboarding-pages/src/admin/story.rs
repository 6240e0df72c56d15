//! One decision told as a story.

use askama::Template;
use onboarding_core::{Stage, Trace, Verdict};

use super::{AdminWords, Cell, Mark, Section};
use crate::shell::Shell;

/// Something that was weighed in a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    /// What: a number, a profile.
    pub subject: String,
    /// What became of it.
    pub mark: Mark,
    /// The same in a word.
    pub verdict: &'static str,
    /// Why.
    pub reason: String,
}

/// One step of the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryStep {
    /// Which question it answers; nothing where the step before asked the same.
    pub title: Option<&'static str>,
    /// The answer, as it was recorded.
    pub finding: String,
    /// What was weighed.
    pub considered: Vec<Considered>,
}

/// A fact about the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// Its value.
    pub value: Cell,
}

/// One decision told as a story that a compliance officer can read.
#[derive(Debug, Template)]
#[template(path = "admin/story.html")]
pub struct StoryPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// How it ended.
    pub ending: (Mark, &'a str),
    /// When, where, who.
    pub facts: &'a [Fact],
    /// Why, step by step.
    pub steps: &'a [StoryStep],
    /// Whether an answer was held back.
    pub held_back: bool,
}

impl StoryPage<'_> {
    fn a(&self) -> &'static AdminWords {
        self.shell.tongue.admin_words()
    }

    #[expect(clippy::unused_self, reason = "templates ask every page for its part")]
    fn section(&self) -> Section {
        Section::Activity
    }
}

/// The steps of a trace as a story.
pub fn story(trace: &Trace, words: &AdminWords) -> Vec<StoryStep> {
    let mut before = None;
    let told = trace.steps().iter().map(|step| {
        let is_new = before.replace(step.stage) != Some(step.stage);
        let considered = step.candidates.iter().map(|one| {
            let (mark, verdict) = verdict(one.verdict, words);
            Considered {
                subject: one.subject.clone(),
                mark,
                verdict,
                reason: one.reason.clone(),
            }
        });
        StoryStep {
            title: is_new.then(|| question(step.stage, words)),
            finding: step.finding.clone(),
            considered: considered.collect(),
        }
    });
    told.collect()
}

fn question(stage: Stage, words: &AdminWords) -> &'static str {
    match stage {
        Stage::Request => words.stage_request,
        Stage::ClientIdentification => words.stage_identification,
        Stage::ExtensionLookup => words.stage_extension_lookup,
        Stage::ChatRoomCheck => words.stage_chat_room_check,
        Stage::ClientProfileSelection => words.stage_profile,
        Stage::SecondaryNumberAllocation => words.stage_number,
        Stage::Completion => words.stage_completion,
    }
}

fn verdict(verdict: Verdict, words: &AdminWords) -> (Mark, &'static str) {
    match verdict {
        Verdict::Chosen => (Mark::Good, words.verdict_chosen),
        Verdict::Eligible => (Mark::Quiet, words.verdict_eligible),
        Verdict::Refused => (Mark::Bad, words.verdict_refused),
    }
}
