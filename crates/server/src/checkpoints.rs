//! Signed checkpoints of the audit: the key, and the lines that are kept elsewhere.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use chrono::DateTime;
use onboarding_core::{
    CompanyId, SecretRef, Timestamp,
    audit::{AuditHash, AuditHead, Checkpoint},
    ports::{Clock as _, OnboardingStore},
};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use rustls_pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer, pem::PemObject};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

use crate::{environment::SystemClock, settings::Settings};

/// Where the key is missing, how it is made.
const MEND: &str =
    "make one with `openssl genpkey -algorithm ed25519 -out FILE` and set ONBOARDING_AUDIT_KEY=file:FILE";

/// What every public key of Ed25519 begins with in PEM, by RFC 8410.
const PUBLIC_KEY_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// The key that signs.
pub(crate) struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Reads it from where the setting points.
    pub(crate) fn read(reference: Option<&SecretRef>) -> anyhow::Result<Self> {
        let pem = match reference {
            None => bail!("checkpoints need a key; {MEND}"),
            Some(SecretRef::Env(name)) => std::env::var(name)
                .ok()
                .with_context(|| format!("ONBOARDING_AUDIT_KEY: the variable {name} is not set"))?,
            Some(SecretRef::File(path)) => fs::read_to_string(path)
                .with_context(|| format!("ONBOARDING_AUDIT_KEY: the file {path} cannot be read"))?,
        };
        // The reader's own words are dropped: they may quote the key.
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes())
            .ok()
            .and_then(|der| Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der()).ok());
        let key =
            key.with_context(|| format!("ONBOARDING_AUDIT_KEY: that is no Ed25519 key in PEM; {MEND}"))?;
        Ok(Self(key))
    }

    /// Its public half.
    pub(crate) fn public_key(&self) -> PublicKey {
        PublicKey(self.0.public_key().as_ref().to_vec())
    }

    /// The line of a checkpoint.
    pub(crate) fn sign(&self, checkpoint: &Checkpoint) -> anyhow::Result<String> {
        let line = Line {
            format: FORMAT.to_owned(),
            company: checkpoint.company.to_string(),
            sequence: checkpoint.head.sequence,
            hash: checkpoint.head.hash.to_string(),
            at: checkpoint.at.to_string(),
            key: hex::encode(self.0.public_key()),
            signature: hex::encode(self.0.sign(&checkpoint.signed_bytes())),
        };
        Ok(serde_json::to_string(&line)?)
    }
}

/// The key that checks.
pub(crate) struct PublicKey(Vec<u8>);

impl PublicKey {
    /// Reads the PEM file that `openssl pkey -pubout` writes.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let pem = fs::read(path).with_context(|| format!("{shown}: cannot be read"))?;
        let der = SubjectPublicKeyInfoDer::from_pem_slice(&pem).ok();
        let key = der.as_ref().and_then(|der| der.strip_prefix(&PUBLIC_KEY_PREFIX));
        let key = key.with_context(|| {
            format!("{shown}: is no public Ed25519 key in PEM; write one with `openssl pkey -pubout`")
        })?;
        Ok(Self(key.to_vec()))
    }

    /// The checkpoint of a line; `Ok(None)` when this key did not sign it.
    pub(crate) fn checked(&self, line: &str) -> anyhow::Result<Option<Checkpoint>> {
        let line: Line = serde_json::from_str(line).context("is no checkpoint")?;
        ensure!(
            line.format == FORMAT,
            "is a checkpoint of another form; this version knows {FORMAT}"
        );
        let time =
            DateTime::parse_from_rfc3339(&line.at).context("the time of the checkpoint cannot be read")?;
        let hash = AuditHash::from_hex(&line.hash).context("the hash of the checkpoint cannot be read")?;
        let checkpoint = Checkpoint {
            company: CompanyId::parse(&line.company)?,
            head: AuditHead {
                sequence: line.sequence,
                hash,
            },
            at: Timestamp::from_micros(time.timestamp_micros()),
        };
        let signature = hex::decode(&line.signature).context("the signature cannot be read")?;
        let key = UnparsedPublicKey::new(&ED25519, &self.0);
        let holds = key.verify(&checkpoint.signed_bytes(), &signature).is_ok();
        Ok(holds.then_some(checkpoint))
    }
}

const FORMAT: &str = "onboarding-audit-checkpoint-1";

/// A checkpoint as it is kept: one line of JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    format: String,
    company: String,
    sequence: u64,
    hash: String,
    at: String,
    /// For people to tell keys apart; nobody believes it.
    key: String,
    signature: String,
}

/// How often checkpoints are written while the service runs.
const EVERY: Duration = Duration::from_mins(5);

/// Writes checkpoints for as long as the service runs. `Ok(None)` when the settings ask for none.
pub(crate) fn start(
    store: Arc<dyn OnboardingStore>,
    settings: &Settings,
) -> anyhow::Result<Option<JoinHandle<()>>> {
    let Some(path) = settings.audit_checkpoints.clone() else {
        return Ok(None);
    };
    let key = SigningKey::read(settings.audit_key.as_ref())?;
    // Found out at the start and not after five minutes.
    open(&path)?;
    Ok(Some(tokio::spawn(keep_writing(store, key, path))))
}

async fn keep_writing(store: Arc<dyn OnboardingStore>, key: SigningKey, path: PathBuf) {
    let mut every = tokio::time::interval(EVERY);
    loop {
        every.tick().await;
        if let Err(error) = write(store.as_ref(), &key, &path).await {
            tracing::error!(
                error = format!("{error:#}"),
                "cannot write checkpoints of the audit"
            );
        }
    }
}

async fn write(store: &dyn OnboardingStore, key: &SigningKey, path: &Path) -> anyhow::Result<()> {
    let companies = store.company_ids().await?;
    let lines = checkpoint_lines(store, &companies, key, SystemClock.now()).await?;
    let mut file = open(path)?;
    file.write_all(lines.as_bytes())?;
    file.sync_data()?;
    Ok(())
}

/// To add to it.
fn open(path: &Path) -> anyhow::Result<fs::File> {
    let opened = fs::OpenOptions::new().create(true).append(true).open(path);
    opened.with_context(|| format!("ONBOARDING_AUDIT_CHECKPOINTS: cannot write to {}", path.display()))
}

/// A line for each of the companies that has entries.
pub(crate) async fn checkpoint_lines(
    store: &dyn OnboardingStore,
    companies: &[CompanyId],
    key: &SigningKey,
    now: Timestamp,
) -> anyhow::Result<String> {
    let mut lines = String::new();
    for company in companies {
        if let Some(head) = store.audit_head(company).await? {
            let checkpoint = Checkpoint {
                company: company.clone(),
                head,
                at: now,
            };
            writeln!(lines, "{}", key.sign(&checkpoint)?)?;
        }
    }
    Ok(lines)
}
