//! The trace of a decision as JSON.

use onboarding_core::{Candidate, Stage, Trace, TraceStep, Verdict};
use serde::{Deserialize, Serialize};

use crate::error::Error;

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
pub(crate) fn write_trace(trace: &Trace) -> Result<String, Error> {
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
    Ok(serde_json::to_string(
        &trace.steps().iter().map(step).collect::<Vec<_>>(),
    )?)
}

/// As it was stored; `None` when it cannot be read.
pub(crate) fn read_trace(json: &str) -> Option<Trace> {
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
    let json: Vec<StepJson> = serde_json::from_str(json).ok()?;
    Some(Trace::from_steps(
        json.into_iter().map(step).collect::<Option<_>>()?,
    ))
}
