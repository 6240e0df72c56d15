//! One figure each, and all of them in their order.

mod deliveries;
mod embedded;
mod messages;
mod onboardings;
mod resources;
mod sizes;

use std::path::Path;

use tempfile::TempDir;
use whatsapp_simulator::{Faults, RunningSimulator, Simulator};

use crate::{
    clock, company,
    plan::Plan,
    postgres::{self, Database, Server},
    report::{Figure, Machine, Report},
};

/// What every measurement needs.
pub(crate) struct Context<'a> {
    pub(crate) server: &'a Path,
    pub(crate) plan: &'a Plan,
    folder: TempDir,
    postgres: Server,
    pub(crate) simulator: RunningSimulator,
}

impl Context<'_> {
    async fn database(&self, name: &str) -> anyhow::Result<Database> {
        let graph_url = self.simulator.graph_url();
        let folder = self.folder.path();
        self.postgres
            .database(name, self.server, folder, &graph_url)
            .await
    }

    /// Lets every send wait for its answer, so that sending takes nothing from what is measured: it is measured by
    /// itself.
    fn hold_messages(&self, hold: bool) {
        self.simulator.set_faults(Faults {
            graph_timeout_after_acceptance: if hold { 1.0 } else { 0.0 },
            ..Faults::default()
        });
    }
}

/// Measures all figures, or those whose name contains a word.
pub(crate) async fn all(server: &Path, plan: &Plan, only: Option<&str>) -> anyhow::Result<Report> {
    let begin = clock::now();
    let machine = Machine::look(&postgres::version().await?);
    say(&format!("{machine}"));
    let context = Context {
        server,
        plan,
        folder: TempDir::new()?,
        postgres: Server::start(),
        simulator: Simulator::start(company::simulator(), "127.0.0.1:0".parse()?)?,
    };
    let wanted = |name: &str| only.is_none_or(|word| name.contains(word));
    let mut figures: Vec<Figure> = Vec::new();
    let mut resources = Vec::new();
    if wanted("deliveries") {
        figures.extend(deliveries::measure(&context).await?);
    }
    if wanted("onboardings") {
        let (more, memory) = onboardings::measure(&context).await?;
        figures.extend(more);
        resources = memory;
    }
    if wanted("messages") {
        figures.push(messages::measure(&context).await?);
    }
    if wanted("sizes") {
        figures.push(sizes::measure(&context).await?);
    }
    if wanted("sqlite") {
        let (more, memory) = embedded::measure(&context).await?;
        figures.extend(more);
        resources.extend(memory);
    }
    resources.push(resources::binary(&context)?);
    Ok(Report {
        smoke: plan.smoke,
        machine,
        figures,
        resources,
        seconds: begin.elapsed().as_secs_f64(),
    })
}

/// One line of progress.
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}
