//! A front desk: the smallest host program. One application for a food licence, from the window to the licence.
//!
//! ```text
//! cargo run -p guichet --example front_desk
//! ```

use std::error::Error;
use std::io::{self, Write};
use std::sync::Arc;

use guichet::core::actor::{Actor, Role};
use guichet::core::case::CaseCommand;
use guichet::core::case::event::{Opinion, Verdict};
use guichet::core::id::{CaseId, PersonId};
use guichet::core::time::{Offset, TimeSource, Timestamp, date};
use guichet::{Config, Guichet, Submit, catalogue};

/// The demo's calendars know 2010; a centre that is open today leaves the time to the system.
pub(crate) struct AMondayIn2010;

impl TimeSource for AMondayIn2010 {
    fn now(&self) -> Timestamp {
        date(2010, 3, 1).at(9, 0, Offset::hours(8))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let data = tempfile::tempdir()?;
    let engine = Guichet::open_with(data.path(), Config::default().time(Arc::new(AMondayIn2010))).await?;
    work_a_morning(&engine, &mut io::stdout()).await?;
    engine.close().await?;
    Ok(())
}

/// What happens at the desk, told as it happens.
pub(crate) async fn work_a_morning(engine: &Guichet, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    // The director publishes the catalogue: departments, windows, staff, calendars and procedures.
    let director = person("director", Role::Director)?;
    engine
        .publish_catalogue(&catalogue::embedded("harbin-2010")?.catalogue, &director)
        .await?;

    // A clerk takes the application in at window 5. It lacks nothing, so it is accepted on the spot.
    let mut clerk = person("s09", Role::Clerk)?;
    clerk.window = Some("w05".parse()?);
    let submit = Submit::new("food-service")
        .applicant("p-1")
        .fact("premises_rented", false)
        .material("application-form")
        .material("business-licence")
        .material("floor-plan")
        .material("health-certificates")
        .material("safety-rules");
    let case = engine.submit(submit.by(&clerk)).await?.accepted()?.case;
    engine.accept(&case, &clerk).await?.accepted()?;

    // The counter signs its step, one examines, another one reviews, and then it is decided: never all by the same eyes.
    let handler = person("s09", Role::Handler)?;
    let reviewer = person("s10", Role::Reviewer)?;
    let approver = person("s10", Role::Approver)?;
    for (step, actor) in [("intake", &clerk), ("examine", &handler), ("review", &reviewer)] {
        engine
            .give_opinion(&case, &step.parse()?, Opinion::Agree, Some("in order"), actor)
            .await?
            .accepted()?;
    }
    engine
        .decide(&case, Verdict::Granted, None, &approver)
        .await?
        .accepted()?;
    let certificate = "food-service-2010-0001".parse()?;
    let method = "at the window".to_owned();
    for (actor, ask) in [
        (&handler, CaseCommand::IssueCertificate { certificate }),
        (&clerk, CaseCommand::Deliver { method }),
    ] {
        engine.ask(&case, actor, ask).await?.accepted()?;
    }

    tell(engine, &case, out).await
}

/// The case as the engine knows it: its timeline, and the days by which it had to be decided.
async fn tell(engine: &Guichet, case: &CaseId, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let shown = engine.case(case).await?.ok_or("the case is not there")?;
    writeln!(out, "case {case}")?;
    for recorded in shown.timeline() {
        let day = recorded.occurred_at.date_at(Offset::hours(8));
        writeln!(
            out,
            "  {day}  {:<9}  {}",
            recorded.actor.role.as_str(),
            recorded.event.kind()
        )?;
    }
    let due = shown.state.case().map(|known| known.due).unwrap_or_default();
    if let (Some(promised), Some(statutory)) = (due.promised, due.statutory) {
        writeln!(out, "promised by {promised}, and by law by {statutory}")?;
    }
    Ok(())
}

fn person(id: &str, role: Role) -> Result<Actor, Box<dyn Error>> {
    Ok(Actor::new(PersonId::new(id)?, role))
}
