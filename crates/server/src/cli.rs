//! The command line.

mod audit;
mod bulk;
mod connect;
mod teams;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use uuid::Uuid;

pub(crate) use self::audit::{AuditCommand, CheckpointArgs, ExportArgs, ExportFormat, VerifyAuditArgs};
pub(crate) use self::bulk::{ExportUsersArgs, ImportArgs};
pub(crate) use self::connect::ConnectArgs;
pub(crate) use self::teams::TeamsPackageArgs;

/// Brings a client who writes on WhatsApp to the right employee, on the record.
#[derive(Debug, Parser)]
#[command(name = "onboarding-server", version, propagate_version = true, after_help = ENVIRONMENT)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// TOML file with settings; the environment overrides it.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

const ENVIRONMENT: &str = "\
Settings (environment, or the same in lower case without ONBOARDING_ in the file of --config):
  DATABASE_URL              sqlite://PATH or postgres://…  [default: sqlite://data/onboarding.db]
  ONBOARDING_LISTEN         public address  [default: 127.0.0.1:8080]
  ONBOARDING_OPS_LISTEN     address of /livez, /readyz, /metrics  [default: 127.0.0.1:9090]
  ONBOARDING_PUBLIC_URL     base of links  [default: from the listener]
  ONBOARDING_TRUSTED_PROXIES  addresses or networks, with commas, whose X-Forwarded-For counts  [default: none]
  ONBOARDING_GRAPH_URL      Graph API, without version  [default: https://graph.facebook.com]
  ONBOARDING_GRAPH_VERSION  [default: v26.0]
  ONBOARDING_MICROSOFT_URL  where Microsoft signs people in whom Teams sends  [default: https://login.microsoftonline.com]
  ONBOARDING_LOG            tracing filter  [default: info]
  ONBOARDING_AUDIT_KEY      env:NAME or file:PATH of the key that signs checkpoints of the audit
  ONBOARDING_AUDIT_CHECKPOINTS  file to which serve adds checkpoints every five minutes";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The whole product on this machine, with a simulated WhatsApp and a phone page. Nothing leaves it.
    Demo(DemoArgs),
    /// The service (the default).
    Serve(ServeArgs),
    /// Bring the database to this version.
    Migrate,
    /// Make companies be what their manifests say. Running it twice changes nothing.
    Apply(ApplyArgs),
    /// Check configuration, database, and each official account against the Graph API.
    Check,
    /// From an access token: list accounts and numbers, subscribe our app, register the callback, propose a manifest.
    Connect(ConnectArgs),
    /// A user's QR code.
    Qr(QrArgs),
    /// The app with which Microsoft Teams shows Leap Work, to upload in the Teams admin center.
    TeamsPackage(TeamsPackageArgs),
    /// List what was given up, newest first: what came in and could not be handled, what could not be sent.
    DeadLetters(DeadLettersArgs),
    /// Put something that was given up back into its queue.
    Replay {
        /// The id that `dead-letters` shows.
        id: Uuid,
    },
    /// List the elements of webhooks that could not be read or are of no company here, newest first.
    Quarantine(QuarantineArgs),
    /// Chat rooms: list, close, hand over to another user.
    Rooms(RoomsArgs),
    /// Add and change users and extensions by a table (CSV); none is taken away. Ctrl-C stops it.
    Import(ImportArgs),
    /// Write the active users as a table (CSV), which `import` reads again.
    Export(ExportUsersArgs),
    /// Users: let one leave.
    Users(UsersArgs),
    /// Numbers: retire one and move its rooms, or take it up again.
    Accounts(AccountsArgs),
    /// Contacts that wait for a promotion or for a number: list, promote, reject.
    Prospects(ProspectsArgs),
    /// Client profiles: list, merge, separate, complete.
    Profiles(ProfilesArgs),
    /// Pools: how far they are used up, how many numbers they need.
    Pool(PoolArgs),
    /// List clients of whom it is not clear whether they are one person; a person decides with `settle`.
    Identities(IdentitiesArgs),
    /// Say whether the two clients of an open question are one person.
    Settle {
        /// The id that `identities` shows.
        id: Uuid,
        /// What you found out.
        #[arg(value_enum)]
        verdict: Verdict,
    },
    /// Check the invariants on what is stored. One line a violation; fails if there is one.
    Verify,
    /// What was done, by whom: export it, or sign how far it goes.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Check that nothing in the audit was changed. One line a finding; fails if there is one.
    VerifyAudit(VerifyAuditArgs),
    /// API tokens, with which other services call the API.
    #[command(subcommand)]
    Token(TokenCommand),
    /// How people sign in where no identity provider says who they are.
    SignIn(SignInArgs),
}

#[derive(Debug, Default, Args)]
pub(crate) struct DemoArgs {
    /// Keep the state in this folder instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Default, Args)]
pub(crate) struct ServeArgs {
    /// Refuse to start on a database of an older version instead of migrating it.
    #[arg(long)]
    pub(crate) no_migrate: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// Company manifests, one a company.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print the changes and make none.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct QrArgs {
    /// Username of the user.
    pub(crate) user: String,
    /// The company, where there is more than one.
    #[arg(long)]
    pub(crate) company: Option<String>,
    /// The code alone, or a card with name, title, company and what to do.
    #[arg(long, value_enum, default_value = "svg")]
    pub(crate) format: QrFormat,
    /// Surroundings of the card.
    #[arg(long, value_enum, default_value = "light")]
    pub(crate) theme: QrTheme,
    /// Language of the card's sentence, such as zh-HK; without it, the first two of the company's.
    #[arg(long, value_name = "TAG")]
    pub(crate) language: Option<String>,
    /// Width in pixels, 128 to 4096; a card's height is four thirds of it [default: 720, a card 1080].
    #[arg(long, value_name = "PX")]
    pub(crate) size: Option<u32>,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct IdentitiesArgs {
    /// Only of this company.
    #[arg(long, value_name = "ID")]
    pub(crate) company: Option<String>,
    /// What happened to clients instead: changed numbers, numbers given to others, records joined. Newest first.
    #[arg(long)]
    pub(crate) history: bool,
    /// How many at the most of each company.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Verdict {
    /// They are one: the second record goes up in the first. Where both talk with one user or on one number, the
    /// second's room ends.
    Same,
    /// They are two: the alias in question is the first's now, and the second's rooms end.
    Different,
}

#[derive(Debug, Args)]
pub(crate) struct DeadLettersArgs {
    /// Only of this company.
    #[arg(long, value_name = "ID")]
    pub(crate) company: Option<String>,
    /// How many at the most.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct QuarantineArgs {
    /// How many at the most.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct RoomsArgs {
    #[command(subcommand)]
    pub(crate) command: RoomsCommand,
    /// The company, where there is more than one.
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) company: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RoomsCommand {
    /// Live rooms, newest first.
    List {
        /// Only of this user, by username.
        #[arg(long)]
        user: Option<String>,
        /// Those that are over, too.
        #[arg(long, conflicts_with = "user")]
        all: bool,
        /// Only those on numbers that are out of use or banned by WhatsApp: what could not be moved.
        #[arg(long, conflicts_with_all = ["user", "all"])]
        stuck: bool,
        /// How many at the most.
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
    },
    /// Close a room. Its number is free again, for its user and no other.
    Close {
        /// The id that `rooms list` shows.
        room: Uuid,
        /// Why, for the record.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Close a room and open one of another user with the client, on another number.
    HandOver {
        /// The id that `rooms list` shows.
        room: Uuid,
        /// Username of the user who goes on.
        #[arg(long, value_name = "USER")]
        to: String,
        /// Why, for the record.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct UsersArgs {
    #[command(subcommand)]
    pub(crate) command: UsersCommand,
    /// The company, where there is more than one.
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) company: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UsersCommand {
    /// The user leaves: extension and QR code dead at once, rooms closed or handed over. Take them off the manifest, too.
    Deactivate {
        /// Username.
        user: String,
        /// Username of the user who goes on with the clients.
        #[arg(long, value_name = "USER")]
        hand_over_to: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AccountsArgs {
    #[command(subcommand)]
    pub(crate) command: AccountsCommand,
    /// The company, where there is more than one.
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) company: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountsCommand {
    /// Give a secondary up: it takes no new room, and its rooms move to other numbers.
    Retire {
        /// With + and country code.
        number: String,
        /// Say what would move where, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Take a retired secondary up again.
    Reinstate {
        /// With + and country code.
        number: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ProspectsArgs {
    #[command(subcommand)]
    pub(crate) command: ProspectsCommand,
    /// The company, where there is more than one.
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) company: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProspectsCommand {
    /// Those that wait, in the order in which they began.
    List {
        /// Those that are over, too.
        #[arg(long)]
        all: bool,
        /// How many at the most.
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
    },
    /// Connect one with its user.
    Promote {
        /// The id that `prospects list` shows.
        prospect: Uuid,
    },
    /// Let one go; the client is told nothing.
    Reject {
        /// The id that `prospects list` shows.
        prospect: Uuid,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ProfilesArgs {
    #[command(subcommand)]
    pub(crate) command: ProfilesCommand,
    /// The company, where there is more than one.
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) company: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfilesCommand {
    /// All of them, oldest first. Names of clients are in it: for your eyes, not for logs.
    List {
        /// Only those that lack a mandatory field.
        #[arg(long)]
        incomplete: bool,
        /// How many at the most.
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
    },
    /// Let one stand for another of the same client; its rooms stay as they are.
    Merge {
        /// The id that `profiles list` shows, of the one that goes up in the other.
        profile: Uuid,
        /// The one to keep.
        #[arg(long, value_name = "PROFILE")]
        into: Uuid,
    },
    /// Undo a merge.
    Separate {
        /// The id that `profiles list` shows.
        profile: Uuid,
    },
    /// Fill in what one lacks that the service made for a client.
    Complete {
        /// The id that `profiles list` shows.
        profile: Uuid,
        /// The client's name as the company knows it.
        #[arg(long)]
        name: Option<String>,
        /// The client's phone, in international form.
        #[arg(long)]
        phone: Option<String>,
        /// The outside firm.
        #[arg(long, value_name = "ID")]
        external_company: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct PoolArgs {
    #[command(subcommand)]
    pub(crate) command: PoolCommand,
    /// The company, where there is more than one.
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) company: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PoolCommand {
    /// How many secondaries each pool needs for the users that its clients have.
    Plan {
        /// Share of the clients that may be turned away.
        #[arg(long, value_name = "SHARE", default_value_t = 0.01)]
        target: f64,
    },
    /// How far each pool is used up, country by country.
    Utilisation,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make one and print it. It is shown this once.
    Create {
        /// What the company calls the service that gets it.
        name: String,
        /// What it may do: config:read, config:write, rooms:read, rooms:write or messages:read; more than one is
        /// possible.
        #[arg(long = "scope", required = true, value_name = "SCOPE")]
        scopes: Vec<String>,
        /// How many days it holds, 365 at the most.
        #[arg(long, value_name = "N", default_value_t = 90)]
        days: u16,
        /// The company, where there is more than one.
        #[arg(long, value_name = "ID")]
        company: Option<String>,
    },
    /// List them, newest first, revoked and expired ones too.
    List {
        /// The company, where there is more than one.
        #[arg(long, value_name = "ID")]
        company: Option<String>,
    },
    /// Take one back. The next request with it is refused.
    Revoke {
        /// The id that `token list` shows.
        id: Uuid,
        /// The company, where there is more than one.
        #[arg(long, value_name = "ID")]
        company: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SignInArgs {
    #[command(subcommand)]
    pub(crate) command: SignInCommand,
    /// The company, where there is more than one.
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) company: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SignInCommand {
    /// Make a link, good once and for a day, with which a user sets password and second factor up; also when either is lost.
    Link {
        /// Username.
        user: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QrFormat {
    /// The code as vectors.
    Svg,
    /// The code as pixels.
    Png,
    /// The card as PNG, or as SVG where the name of FILE ends in .svg.
    Card,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QrTheme {
    Light,
    Dark,
}
