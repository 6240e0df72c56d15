//! The trace of a decision as JSON.

use onboarding_core::{Candidate, Stage, Trace, TraceStep, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::Error,
    text::{from_json, to_json},
};

#[derive(Serialize, Deserialize)]
struct StepJson {
    stage: String,
    finding: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<CandidateJson>,
}

#[derive(Serialize, Deserialize)]
struct CandidateJson {
    subject: String,
    verdict: String,
    reason: String,
}

/// As it is stored.
pub(crate) fn write_trace(trace: &Trace) -> Result<Value, Error> {
    let candidate = |candidate: &Candidate| CandidateJson {
        subject: candidate.subject.clone(),
        verdict: candidate.verdict.to_string(),
        reason: candidate.reason.clone(),
    };
    let step = |step: &TraceStep| StepJson {
        stage: step.stage.to_string(),
        finding: step.finding.clone(),
        candidates: step.candidates.iter().map(candidate).collect(),
    };
    to_json(&trace.steps().iter().map(step).collect::<Vec<_>>())
}

/// As it was stored; `None` when it cannot be read.
pub(crate) fn read_trace(json: Value) -> Option<Trace> {
    let candidate = |json: CandidateJson| {
        let verdict = Verdict::from_name(&json.verdict)?;
        Some(Candidate {
            subject: json.subject,
            verdict,
            reason: json.reason,
        })
    };
    let step = |json: StepJson| {
        let candidates = json
            .candidates
            .into_iter()
            .map(candidate)
            .collect::<Option<_>>()?;
        Some(TraceStep {
            stage: Stage::from_name(&json.stage)?,
            finding: json.finding,
            candidates,
        })
    };
    let json: Vec<StepJson> = from_json(json)?;
    Some(Trace::from_steps(
        json.into_iter().map(step).collect::<Option<_>>()?,
    ))
}
