//! `guichet token`: who may ask a server, and for what.

use clap::{Args, Subcommand};
use guichet::core::id::{PersonId, WindowId};
use guichet::core::time::Date;
use guichet_server::{Access, AccessError, Role, Secret, Token};
use serde::Serialize;

use crate::context::{Context, Exit, Failure};
use crate::data::{DataArg, Found, look, none_there};
use crate::table::{self, or_dash};

/// What `guichet token` takes.
#[derive(Clone, Debug, Args)]
pub struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum TokenCommand {
    /// Make a token, and show it once
    Create(CreateArgs),
    /// List the tokens; never what they are
    List(DataArg),
    /// Take a token away; a running server knows within a second
    Revoke(RevokeArgs),
}

/// What `guichet token create` takes.
#[derive(Clone, Debug, Args)]
struct CreateArgs {
    /// A name for it, by which it is revoked
    #[arg(value_name = "NAME")]
    label: String,
    #[command(flatten)]
    data: DataArg,
    /// What it lets somebody do: dashboard, clerk, handler, `department_head` or supervisor
    #[arg(long, value_name = "ROLE")]
    role: Role,
    /// Whose it is: a person of the staff, for a clerk, a handler or a head of department
    #[arg(long, value_name = "ID")]
    person: Option<PersonId>,
    /// At which window, for a clerk
    #[arg(long, value_name = "ID")]
    window: Option<WindowId>,
    /// The last day on which it is good [default: until it is revoked]
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
}

/// What `guichet token revoke` takes.
#[derive(Clone, Debug, Args)]
struct RevokeArgs {
    /// Its name
    #[arg(value_name = "NAME")]
    label: String,
    #[command(flatten)]
    data: DataArg,
}

/// A new token, as programs read it.
#[derive(Serialize)]
struct Made<'a> {
    version: u16,
    label: &'a str,
    role: Role,
    token: &'a str,
}

/// A token as it is listed.
#[derive(Serialize)]
struct Listed<'a> {
    label: &'a str,
    role: Role,
    person: Option<&'a PersonId>,
    window: Option<&'a WindowId>,
    until: Option<Date>,
}

#[derive(Serialize)]
struct List<'a> {
    version: u16,
    tokens: Vec<Listed<'a>>,
}

/// Makes, lists or revokes.
///
/// # Errors
///
/// [`Failure`] when there is no centre's data, when a token makes no sense, and when the file cannot be read or written.
pub fn run(args: &TokenArgs, context: Context) -> Result<Exit, Failure> {
    match &args.command {
        TokenCommand::Create(args) => create(args, context),
        TokenCommand::List(data) => list(data, context),
        TokenCommand::Revoke(args) => {
            let revoked = open(&args.data)?
                .revoke(&args.label)
                .map_err(|error| told(&error))?;
            context.remark(&match context.lang {
                crate::context::Lang::Zh => format!("已撤销口令 {}（{}）", revoked.label, revoked.role),
                crate::context::Lang::En => format!("revoked the token {} ({})", revoked.label, revoked.role),
            });
            Ok(Exit::Ok)
        }
    }
}

fn open(data: &DataArg) -> Result<Access, Failure> {
    match look(&data.data)? {
        Found::Centre => Access::open(&data.data).map_err(|error| told(&error)),
        Found::Missing | Found::Empty | Found::Foreign(_) | Found::NoFolder => Err(none_there(&data.data)),
    }
}

fn create(args: &CreateArgs, context: Context) -> Result<Exit, Failure> {
    check(args)?;
    let access = open(&args.data)?;
    let secret = Secret::new().map_err(|error| told(&error))?;
    let token = Token {
        label: args.label.clone(),
        role: args.role,
        person: args.person.clone(),
        window: args.window.clone(),
        until: args.until,
        sha256: secret.sha256(),
    };
    access.add(token).map_err(|error| told(&error))?;
    let made = Made {
        version: 1,
        label: &args.label,
        role: args.role,
        token: secret.text(),
    };
    context.answer(&made, || format!("{}\n", secret.text()))?;
    context.remark(context.say(
        "请立即交给使用者：口令只显示这一次，系统只保存其摘要。",
        "Give it to its owner now: it is shown this once, and only its hash is kept.",
    ));
    Ok(Exit::Ok)
}

/// A token names a person where it acts, and a window where it is a clerk's.
fn check(args: &CreateArgs) -> Result<(), Failure> {
    let wrong = |en: String, zh: String| Err(Failure::usage("token_makes_no_sense", en).zh(zh, None));
    let role = args.role;
    if role == Role::Public {
        return wrong(
            "what is public takes no token".to_owned(),
            "公开内容不需要口令".to_owned(),
        );
    }
    if role.is_of_a_person() != args.person.is_some() {
        return if role.is_of_a_person() {
            wrong(
                format!("a {role} acts in somebody's name: say whose with --person"),
                format!("角色 {role} 以本人名义办理：请用 --person 指定人员"),
            )
        } else {
            wrong(
                format!("a {role} acts for nobody: leave --person out"),
                format!("角色 {role} 不以任何人的名义办理：请去掉 --person"),
            )
        };
    }
    if (role == Role::Clerk) != args.window.is_some() {
        return if role == Role::Clerk {
            wrong(
                "a clerk works at a window: say at which with --window".to_owned(),
                "窗口人员须指定窗口：--window".to_owned(),
            )
        } else {
            wrong(
                format!("a {role} is at no window: leave --window out"),
                format!("角色 {role} 不属于窗口：请去掉 --window"),
            )
        };
    }
    Ok(())
}

fn list(data: &DataArg, context: Context) -> Result<Exit, Failure> {
    let tokens = open(data)?.tokens();
    let listed = tokens.iter().map(|token| Listed {
        label: &token.label,
        role: token.role,
        person: token.person.as_ref(),
        window: token.window.as_ref(),
        until: token.until,
    });
    let list = List {
        version: 1,
        tokens: listed.collect(),
    };
    context.answer(&list, || {
        if list.tokens.is_empty() {
            return format!("{}\n", context.say("没有口令", "no tokens"));
        }
        let mut table = table::table([
            context.say("名称", "name"),
            context.say("角色", "role"),
            context.say("人员", "person"),
            context.say("窗口", "window"),
            context.say("有效至", "until"),
        ]);
        for token in &list.tokens {
            table.add_row(vec![
                token.label.into(),
                token.role.to_string(),
                or_dash(token.person),
                or_dash(token.window),
                or_dash(token.until),
            ]);
        }
        table::print(&table)
    })?;
    Ok(Exit::Ok)
}

fn told(error: &AccessError) -> Failure {
    match error {
        AccessError::Taken(name) => Failure::usage("token_taken", error.to_string()).zh(
            format!("已有名为 {name} 的口令"),
            Some("请换一个名称，或先撤销原有口令"),
        ),
        AccessError::Unknown(name) => Failure::usage("no_such_token", error.to_string())
            .help("`guichet token list` names them")
            .zh(
                format!("没有名为 {name} 的口令"),
                Some("用 `guichet token list` 查看"),
            ),
        AccessError::File { .. } | AccessError::Content { .. } | AccessError::Chance(_) => unkept(error),
        // One that a later server knows.
        unknown => unkept(unknown),
    }
}

fn unkept(error: &AccessError) -> Failure {
    Failure::store("tokens", "the tokens cannot be kept")
        .zh("口令无法读取或保存", None)
        .because_of(error)
}
