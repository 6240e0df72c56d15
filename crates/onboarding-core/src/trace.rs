//! The decision trace: why the service did what it did, told so that a compliance officer can read it.

use crate::named::named_enum;

named_enum! {
    /// The step of the flow (domain.md, "The flow").
    Stage {
        /// Who wrote, to which number.
        Request = "request",
        /// Who the client is, where their aliases changed.
        ClientIdentification = "client_identification",
        /// Which user the extension names.
        ExtensionLookup = "extension_lookup",
        /// Whether the two already have a room.
        ChatRoomCheck = "chat_room_check",
        /// Which client profile.
        ClientProfileSelection = "client_profile_selection",
        /// Which secondary number.
        SecondaryNumberAllocation = "secondary_number_allocation",
        /// What was done.
        Completion = "completion",
    }
}

named_enum! {
    /// What became of a candidate.
    Verdict {
        /// Taken.
        Chosen = "chosen",
        /// Could have been taken.
        Eligible = "eligible",
        /// Could not be taken.
        Refused = "refused",
    }
}

/// One thing that was considered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What: a number, a profile, a user.
    pub subject: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

/// One step of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceStep {
    /// Which step.
    pub stage: Stage,
    /// What was found, in a sentence.
    pub finding: String,
    /// What was considered.
    pub candidates: Vec<Candidate>,
}

/// The steps of a decision in order. Names and numbers stand in it: it belongs to the record, not to logs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    steps: Vec<TraceStep>,
}

impl Trace {
    /// Puts a trace together from steps that a store kept.
    pub fn from_steps(steps: Vec<TraceStep>) -> Self {
        Self { steps }
    }

    /// The steps in order.
    pub fn steps(&self) -> &[TraceStep] {
        &self.steps
    }

    pub(crate) fn note(&mut self, stage: Stage, finding: impl Into<String>) {
        self.weigh(stage, finding, Vec::new());
    }

    pub(crate) fn weigh(&mut self, stage: Stage, finding: impl Into<String>, candidates: Vec<Candidate>) {
        self.steps.push(TraceStep {
            stage,
            finding: finding.into(),
            candidates,
        });
    }
}

impl Candidate {
    pub(crate) fn new(subject: impl Into<String>, verdict: Verdict, reason: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            verdict,
            reason: reason.into(),
        }
    }
}
