//! `import`: users and extensions from a table, with a bar that shows how far it is.

use std::{pin::pin, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use onboarding_core::{
    CompanyId, ImportId,
    import::{CellMistake, Import, ImportCounts, ImportState, ImportTable, Judged, Verdict},
    ports::{Clock as _, OnboardingStore},
    service::{Begun, ImportService, Stepped},
};
use onboarding_manifest::read_users;

use super::{qr, say};
use crate::{
    cli::ImportArgs,
    environment::{SystemClock, SystemEntropy, operator},
    settings::Settings,
    store,
};

/// How often it looks how far another replica is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Refused rows that are read at once.
const PAGE: u32 = 1_000;

pub(super) async fn run(settings: &Settings, args: &ImportArgs) -> anyhow::Result<ExitCode> {
    let table = match &args.file {
        Some(path) => {
            let name = path.display();
            let bytes = std::fs::read(path).with_context(|| format!("{name}: cannot be read"))?;
            Some(read_users(&bytes).with_context(|| format!("{name}: no table of users"))?)
        }
        None => None,
    };
    let store = store::open(&settings.database, true).await?.store;
    let company = qr::company(&store, args.company.as_deref()).await?;
    let importing = Importing {
        service: ImportService::on_store(&store, Arc::new(SystemClock), Arc::new(SystemEntropy)),
        company: company.id.clone(),
        store,
    };
    match table {
        None => importing.resume().await,
        Some(table) if args.dry_run => importing.preview(&table).await,
        Some(table) => importing.begin(&table, args.skip_refused).await,
    }
}

struct Importing {
    store: Arc<dyn OnboardingStore>,
    service: ImportService,
    company: CompanyId,
}

impl Importing {
    /// What the table would do, a line for each row that does something.
    async fn preview(&self, table: &ImportTable) -> anyhow::Result<ExitCode> {
        // Who has a shell here can apply a manifest too, which gives every role.
        let preview = self.service.preview(&self.company, table, true).await?;
        let preview = preview.context("the company is gone")?;
        for row in &preview.rows {
            for line in lines(row) {
                say(&line);
            }
        }
        let counts = preview.counts();
        say(&format!("{}; nothing was done (--dry-run)", summary(&counts)));
        Ok(code(counts.refused == 0))
    }

    async fn begin(&self, table: &ImportTable, skip_refused: bool) -> anyhow::Result<ExitCode> {
        let by = operator();
        let begun = self.service.begin(&self.company, table, true, skip_refused, &by);
        match begun.await? {
            Begun::Running(import) => self.follow(import.id).await,
            Begun::Refused(rows) => {
                for row in &rows {
                    for line in refused(row.line, &row.mistakes) {
                        say(&line);
                    }
                }
                bail!(
                    "{} rows are refused, and nothing was done; mend them, or leave them out with --skip-refused",
                    rows.len()
                )
            }
            Begun::Busy => bail!("another import of the company runs; go on with it with --resume"),
            Begun::NoCompany => bail!("the company is gone"),
        }
    }

    async fn resume(&self) -> anyhow::Result<ExitCode> {
        let newest = self.store.imports(&self.company, None, 1).await?;
        let running = newest.into_iter().find(|one| one.state == ImportState::Running);
        let import = running.context("no import runs; begin one with a FILE")?;
        self.follow(import.id).await
    }

    /// Works on the import, or looks on while another replica does, to its end. Ctrl-C stops the import.
    async fn follow(&self, id: ImportId) -> anyhow::Result<ExitCode> {
        let bar = bar();
        let mut interrupted = pin!(tokio::signal::ctrl_c());
        let ended = loop {
            let import = self.store.import(&self.company, id).await?;
            let import = import.context("the import is gone")?;
            bar.set_length(import.counts.total.into());
            bar.set_position(import.counts.done().into());
            if import.state != ImportState::Running {
                break import;
            }
            tokio::select! {
                biased;
                _ = &mut interrupted => {
                    let now = SystemClock.now();
                    let stopped = self.store.stop_import(&self.company, id, &operator(), now).await?;
                    break stopped.context("the import is gone")?;
                }
                worked = self.work(&bar) => worked?,
            }
        };
        bar.finish_and_clear();
        self.report(&ended).await?;
        Ok(code(ended.state == ImportState::Finished))
    }

    /// Works on whatever import is free, and waits a little if there is none.
    async fn work(&self, bar: &ProgressBar) -> anyhow::Result<()> {
        let Some(lease) = self.service.lease().await? else {
            // Somebody else has it, or had it when they died: this future is dropped when the operator stops it.
            tokio::time::interval_at(tokio::time::Instant::now() + LOOK_EVERY, LOOK_EVERY)
                .tick()
                .await;
            return Ok(());
        };
        while self.service.step(&lease).await? == Stepped::More {
            if let Some(import) = self.store.import(&lease.company, lease.id).await? {
                bar.set_position(import.counts.done().into());
            }
        }
        Ok(())
    }

    async fn report(&self, import: &Import) -> anyhow::Result<()> {
        let mut line = 0;
        loop {
            let rows = self
                .store
                .refused_rows(&self.company, import.id, line, PAGE)
                .await?;
            let Some(last) = rows.last() else { break };
            line = last.line;
            for row in &rows {
                for told in refused(row.line, &row.mistakes) {
                    say(&told);
                }
            }
        }
        let counts = &import.counts;
        let left = counts.total - counts.done();
        let left = if left == 0 {
            String::new()
        } else {
            format!("; {left} rows were not looked at: import the table again to go on")
        };
        say(&format!("{}: {}{left}", import.state, summary(counts)));
        Ok(())
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} rows, {eta} left");
    let bar = ProgressBar::no_length();
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn summary(counts: &ImportCounts) -> String {
    let ImportCounts {
        total,
        created,
        changed,
        unchanged,
        refused,
    } = counts;
    format!("{total} rows: {created} created, {changed} changed, {unchanged} unchanged, {refused} refused")
}

fn lines(row: &Judged) -> Vec<String> {
    let sign = match &row.verdict {
        Verdict::Keep => return Vec::new(),
        Verdict::Refuse(mistakes) => return refused(row.line, mistakes),
        Verdict::Create(_) => '+',
        Verdict::Change { .. } => '~',
    };
    let shown = |cell: &str| if cell.is_empty() { "–" } else { cell }.to_owned();
    let changes: Vec<_> = row
        .verdict
        .changes()
        .iter()
        .map(|(column, before, after)| format!("{column} {} → {}", shown(before), shown(after)))
        .collect();
    vec![format!(
        "line {}: {sign} user {}: {}",
        row.line,
        row.username,
        changes.join(", ")
    )]
}

fn refused(line: u32, mistakes: &[CellMistake]) -> Vec<String> {
    let told = mistakes.iter().map(|mistake| match mistake.column {
        Some(column) => format!("line {line}: {column}: {}", mistake.message),
        None => format!("line {line}: {}", mistake.message),
    });
    told.collect()
}

fn code(well: bool) -> ExitCode {
    if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
