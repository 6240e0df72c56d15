//! The marks in the middle of companies' codes.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use onboarding_core::{Company, ports::OnboardingStore};
use onboarding_qr::Mark;

use crate::api::Answer;

/// Logos that are remembered; beyond, all are read again.
const MOST_REMEMBERED: usize = 256;

/// The marks of logos by their digests: what a digest names never changes.
static REMEMBERED: LazyLock<Mutex<HashMap<String, Mark>>> = LazyLock::new(Mutex::default);

/// The mark of the company's codes: its logo, or ours. A logo is read once for each process.
pub(crate) async fn mark_of(store: &dyn OnboardingStore, company: &Company) -> Answer<Mark> {
    let Some(named) = &company.settings.qr_logo else {
        return Ok(Mark::Bubble);
    };
    let remembered = || REMEMBERED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(mark) = remembered().get(named.digest()) {
        return Ok(mark.clone());
    }
    // Perhaps another by now, or none; then that is the company's.
    let Some(logo) = store.logo(&company.id).await? else {
        return Ok(Mark::Bubble);
    };
    let mark = Mark::of(Some(&logo));
    let mut remembered = remembered();
    if remembered.len() >= MOST_REMEMBERED {
        remembered.clear();
    }
    remembered.insert(logo.digest().to_owned(), mark.clone());
    Ok(mark)
}
