//! The model passes its own contract.

use std::sync::Arc;

use onboarding_contract::Harness;
use onboarding_core::ports::OnboardingStore;
use onboarding_testkit::MemoryStore;

struct InMemory(Arc<MemoryStore>);

impl Harness for InMemory {
    async fn start() -> Self {
        Self(Arc::new(MemoryStore::new()))
    }

    fn store(&self) -> Arc<dyn OnboardingStore> {
        self.0.clone()
    }
}

onboarding_contract::store_contract!(InMemory);
