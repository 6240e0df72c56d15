//! A second replica, which goes on when the first one dies.

use anyhow::{Context, bail};

use super::world::PATIENCE;
use crate::life::{Addresses, Life, Setting};

/// A replica that nothing kills but us. It has to outlive the deaths of its database.
#[derive(Default)]
pub(super) struct Second(Option<(Life, Addresses)>);

impl Second {
    /// Starts it, unless it lives. One that has died by itself is an error.
    pub(super) async fn rise(&mut self, setting: &Setting<'_>) -> anyhow::Result<()> {
        if let Some((life, _)) = &mut self.0 {
            if let Some(death) = life.has_ended()? {
                bail!("the second replica ended by itself ({death:?}):\n{}", life.log());
            }
            return Ok(());
        }
        let mut life = Life::start(setting.command(&["serve"], None))?;
        let addresses = life.listening(PATIENCE).await?;
        let addresses =
            addresses.with_context(|| format!("the second replica does not start:\n{}", life.log()))?;
        self.0 = Some((life, addresses));
        Ok(())
    }

    /// Where it listens, if it lives.
    pub(super) fn addresses(&self) -> Option<&Addresses> {
        self.0.as_ref().map(|(_, addresses)| addresses)
    }

    /// Kills it. Tells whether it lived.
    pub(super) async fn kill(&mut self) -> anyhow::Result<bool> {
        let Some((mut life, _)) = self.0.take() else {
            return Ok(false);
        };
        life.kill().await?;
        Ok(true)
    }
}
