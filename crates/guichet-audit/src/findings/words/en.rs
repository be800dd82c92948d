//! What was found, in English.

use guichet_core::lang::Lang;
use guichet_stats::timing::DayUnit;

use super::super::finding::Fact;
use super::{
    Names, act, clock, days, ground, interval, listed, milestone, out_of_place, over, percent, piece, plural,
    refusal, role, special, term, yuan,
};

impl Fact {
    #[expect(clippy::too_many_lines, reason = "one arm a fact")]
    pub(super) fn en(&self, names: Names<'_>) -> String {
        let lang = Lang::En;
        match self {
            Self::DecisionLate {
                clock: kind,
                over: late,
            } => {
                format!("past {}: {}", clock(*kind, lang), over(late, "decided", lang))
            }
            Self::StepLate {
                step,
                group,
                department,
                over: late,
                case_in_time,
            } => {
                let what = if *group { "parallel group" } else { "step" };
                let whole = if *case_in_time { "in time" } else { "late as well" };
                let department = names.department(department);
                format!(
                    "{what} {} of {department} took too long: {}; the case as a whole was {whole} by then",
                    names.step(step),
                    over(late, "done", lang)
                )
            }
            Self::ForwardedLate {
                accepted_on,
                over: late,
            } => format!(
                "accepted on {accepted_on} and not sent up to the higher level in time: {}",
                over(late, "sent up", lang)
            ),
            Self::NoReasons {
                refusal: how,
                reasons,
            } => {
                let how = refusal(*how, lang);
                if reasons.is_empty() {
                    format!("{how}, and no reasons are recorded")
                } else {
                    format!("{how}, with no more reasons than `{reasons}`")
                }
            }
            Self::TurnedAway {
                refusal: how,
                on,
                again,
            } => {
                let how = refusal(*how, lang);
                match again {
                    Some(again) => format!(
                        "all required material was there, and on {on} it was {how}; soon after, the same application was accepted as {again}"
                    ),
                    None => format!("the corrections had been found complete, and on {on} it was {how}"),
                }
            }
            Self::LeftLying {
                received_on,
                over: late,
            } => format!(
                "complete since {received_on}, and not answered within the intake term: {}",
                over(late, "answered", lang)
            ),
            Self::FeeNotListed {
                fee,
                amount_fen,
                paid,
            } => {
                let fee = names.fee(fee);

                let how = if *paid { "taken" } else { "asked for" };
                format!(
                    "fee {fee} of {} yuan was {how}; the item lists no such fee",
                    yuan(*amount_fen)
                )
            }
            Self::FeeNotStandard {
                fee,
                amount_fen,
                standard_fen,
                paid,
            } => {
                let fee = names.fee(fee);

                let how = if *paid { "taken" } else { "asked for" };
                let difference = yuan(amount_fen.abs_diff(*standard_fen));
                let direction = if amount_fen > standard_fen { "more" } else { "less" };
                format!(
                    "{} yuan were {how} for fee {fee}; the published standard is {} yuan, {difference} {direction}",
                    yuan(*amount_fen),
                    yuan(*standard_fen)
                )
            }
            Self::NoOpinions { opinions } => {
                format!(
                    "decided with {opinions} opinions of steps on record: its flow was not handled in the system"
                )
            }
            Self::OutsideTheFlow { activity } => {
                format!("`{activity}` was done, which its flow does not know")
            }
            Self::EnteredByAnother { by, entered_by } => {
                format!("the opinion of {by} was entered by {entered_by}")
            }
            Self::Again { what, first } => {
                let what = milestone(*what, lang);
                let first = first.map_or_else(String::new, |first| format!(" (first at position {first})"));
                format!("{what} again without having been opened again{first}")
            }
            Self::NotClosed { what, name } => {
                format!(
                    "completed with a {} still open",
                    interval(*what, name.as_deref(), lang)
                )
            }
            Self::TwoOpen { what, name } => {
                format!(
                    "a {} was open, and another one began",
                    interval(*what, name.as_deref(), lang)
                )
            }
            Self::EndedWithoutStart { what, name } => {
                format!(
                    "a {} ended that had not begun",
                    interval(*what, name.as_deref(), lang)
                )
            }
            Self::Incomplete { missing, facts } => {
                let missing = listed(missing.iter().map(|missing| piece(*missing, lang)), lang);
                if facts.is_empty() {
                    format!("completed without {missing}")
                } else {
                    format!("completed without {missing} ({})", listed(facts, lang))
                }
            }
            Self::EnteredLate {
                kind,
                occurred_at,
                recorded_at,
                hours,
            } => {
                let occurred_at = names.moment(*occurred_at);
                let recorded_at = names.moment(*recorded_at);
                format!(
                    "{} of {occurred_at} was recorded at {recorded_at}: {hours} hours later",
                    act(kind, lang)
                )
            }
            Self::AskedAgain { notice } => {
                format!("correction notice number {notice}; the law wants one notice of everything")
            }
            Self::AskedOnLastDay { due_on, served_on } => {
                if served_on > due_on {
                    format!(
                        "the intake term ended on {due_on}, and a correction was asked for on {served_on}"
                    )
                } else {
                    format!("a correction was asked for on the last day of the intake term, {due_on}")
                }
            }
            Self::MaterialNotListed { materials } => {
                format!(
                    "the correction notice asks for material that is not on the published list: {}",
                    listed(materials.iter().map(|material| names.material(material)), lang)
                )
            }
            Self::MaterialMissing { materials } => format!(
                "accepted without required material and without a promise of it: {}",
                listed(materials.iter().map(|material| names.material(material)), lang)
            ),
            Self::Backdated {
                kind,
                effective_on,
                recorded_on,
                days: between,
            } => format!(
                "{} is dated {effective_on} and was recorded on {recorded_on}: {} between",
                act(kind, lang),
                days(*between, DayUnit::Working, lang)
            ),
            Self::Burst { acts, seconds } => format!("{acts} acts were entered within {seconds} seconds"),
            Self::StartedLate {
                special: id,
                kind,
                days_left,
                due_on,
            } => format!(
                "{} {id} began with {} left (last day {due_on})",
                special(*kind, lang),
                days(*days_left, DayUnit::Working, lang)
            ),
            Self::TookLonger {
                special: id,
                kind,
                announced,
                over: late,
            } => format!(
                "{} {id} was announced to take {}: {}",
                special(*kind, lang),
                term(*announced, lang),
                over(late, "ended", lang)
            ),
            Self::NoNotice { special: id, kind } => {
                format!("{} {id} began without a written notice", special(*kind, lang))
            }
            Self::NoResult { special: id, kind } => {
                format!(
                    "{} {id} ended without a document of its result",
                    special(*kind, lang)
                )
            }
            Self::SpecialNotAllowed { special: id, kind } => {
                format!("the item version allows no {} ({id})", special(*kind, lang))
            }
            Self::AnnouncedTooLong {
                special: id,
                kind,
                announced,
                longest,
            } => format!(
                "{} {id} was announced to take {}; at most {} are allowed",
                special(*kind, lang),
                term(*announced, lang),
                term(*longest, lang)
            ),
            Self::OftenSuspended {
                procedure,
                cases,
                excluded,
                elapsed,
                others_excluded,
                others_elapsed,
            } => {
                format!(
                    "of {elapsed} working days in {cases} cases of {procedure}, {excluded} were left out ({}); with all others it is {}",
                    percent(*excluded, *elapsed),
                    percent(*others_excluded, *others_elapsed)
                )
            }
            Self::ToAndFro { a, b, times } => format!(
                "sent between windows {} and {} {times} times",
                names.window(a),
                names.window(b)
            ),
            Self::TransferredOnLastDay { from, to, due_on, .. } => format!(
                "sent from window {} to {} on the last day, {due_on}",
                names.window(from),
                names.window(to)
            ),
            Self::OnePersonAlone { person, roles } => format!(
                "{person} alone acted as {}",
                listed(roles.iter().map(|held| role(*held, lang)), lang)
            ),
            Self::FourEyesBroken { person, step, other } => {
                let step = names.step(step.as_str());
                let other = names.step(other.as_str());

                format!("{person} did both {other} and {step}, for which the flow wants two people")
            }
            Self::WrongLevel {
                approver,
                role: held,
                needed,
            } => format!(
                "more time was granted by {approver} as {}; it takes the {}",
                role(*held, lang),
                role(*needed, lang)
            ),
            Self::LevelNotHeld { approver, role: held } => format!(
                "more time was granted by {approver} as {}, a role that they do not hold",
                role(*held, lang)
            ),
            Self::ExtendedAfterTerm { due_on, on } => {
                format!("more time was granted on {on}, after the term had ended on {due_on}")
            }
            Self::ExtendedTooOften { times, allowed } => {
                format!("extended {times} times, and {allowed} are allowed")
            }
            Self::ExtendedTooLong { by, longest } => {
                format!(
                    "extended by {}, and {} are allowed",
                    term(*by, lang),
                    term(*longest, lang)
                )
            }
            Self::NoExtensionAllowed { by } => {
                format!(
                    "extended by {}, and the item version knows no extension",
                    term(*by, lang)
                )
            }
            Self::DecidedAtOnce { seconds } => {
                format!(
                    "a promised item, decided {seconds} second{} after its acceptance",
                    plural(*seconds)
                )
            }
            Self::LongAdvice {
                advised_on,
                on,
                days: advised,
            } => format!(
                "advised since {advised_on}, and after {} accepted and decided on one day, {on}",
                days(*advised, DayUnit::Working, lang)
            ),
            Self::WithdrawnAndBack {
                due_on,
                withdrawn_on,
                again,
                again_on,
            } => format!(
                "due on {due_on}, withdrawn by the applicant on {withdrawn_on}, and handed in again as {again} on {again_on}"
            ),
            Self::NoProofOfService { member, ground: why } => {
                let member = names.step(member.as_str());
                format!(
                    "member {member} counts as having consented by {}, and nothing shows that it was notified",
                    ground(*why, lang)
                )
            }
            Self::MayNotConsent {
                member,
                ground: why,
                safety,
            } => {
                let member = names.step(member.as_str());

                let rule = if *safety {
                    "guards safety"
                } else {
                    "may not consent by silence"
                };
                format!(
                    "member {member} counts as having consented by {}, but it {rule}",
                    ground(*why, lang)
                )
            }
            Self::OftenSilent { deemed, answers } => format!(
                "of {answers} answers in parallel groups, {deemed} were consents by silence ({})",
                percent(*deemed, *answers)
            ),
            Self::MembersOpen { members } => {
                format!(
                    "decided before all members had answered: {}",
                    listed(members.iter().map(|member| names.step(member)), lang)
                )
            }
            Self::SpecialOpen { special: id, kind } => {
                format!("decided before {} {id} had ended", special(*kind, lang))
            }
            Self::WaivedAfterDecision { fee, decided_on, on } => {
                let fee = names.fee(fee);

                format!("fee {fee} was waived on {on}, after the decision of {decided_on}")
            }
            Self::DeliveredBeforeDecision {
                delivered_on,
                decided_on,
            } => match decided_on {
                Some(decided_on) => {
                    format!("delivered on {delivered_on}, before the decision of {decided_on}")
                }
                None => format!("delivered on {delivered_on} without a decision"),
            },
            Self::DeliveredLate { over: late } => {
                format!("delivered too late: {}", over(late, "delivered", lang))
            }
            Self::ActedOutOfPlace {
                ground: why,
                role: held,
                window,
                first_on,
                last_on,
                records,
                cases,
            } => {
                let at = window.as_ref().map_or_else(String::new, |window| {
                    format!(" at window {}", names.window(window))
                });
                let when = if first_on == last_on {
                    format!("on {first_on}")
                } else {
                    format!("from {first_on} to {last_on}")
                };
                format!(
                    "acted {when} as {}{at} in {cases} case{} ({records} record{}) but {}",
                    role(*held, lang),
                    plural(*cases),
                    plural(*records),
                    out_of_place(*why, lang)
                )
            }
            Self::RevisionGap { expected, found } => {
                format!("the next record of the case should have number {expected} and has {found}")
            }
            Self::PositionGap { expected, found } => {
                format!("the next record of the log should have position {expected} and has {found}")
            }
            Self::RecordedBackwards { before, after } => {
                let before = names.moment(*before);
                let after = names.moment(*after);

                format!("the time of record goes back from {before} to {after}")
            }
            Self::OccurredAhead {
                occurred_at,
                recorded_at,
            } => {
                let occurred_at = names.moment(*occurred_at);
                let recorded_at = names.moment(*recorded_at);

                format!("recorded at {recorded_at}, before it happened at {occurred_at}")
            }
            Self::LogBroken { problem } => format!("the log does not pass the check: {}", problem.name(lang)),
            Self::AcceptedBySilence {
                received_on,
                lapsed_on,
            } => format!(
                "received on {received_on} and not answered by {lapsed_on}, so it counts as accepted from the day of receipt"
            ),
            Self::RatedBeforeTheEnd { opportunity, point } => match point {
                Some(_) => format!("rating {opportunity} was given before the encounter ended"),
                None => format!("rating {opportunity} belongs to no encounter"),
            },
            Self::RatedInBurst { ratings, minutes, on } => format!(
                "{ratings} ratings within {minutes} minutes on {on}, each within seconds of its occasion"
            ),
            Self::RatedByOne { cases, on } => {
                format!("gave {cases} ratings on {on}, none for an application of their own")
            }
            Self::RatedByStaff { opportunity, person } => {
                format!("rating {opportunity} was given by {person} of the staff")
            }
            Self::AllBest { offered, given, best } => {
                format!("{given} of {offered} occasions were rated, {best} of them with the best level")
            }
            Self::OnlySomeRated { given, others } => format!(
                "all {given} ratings are of cases withdrawn or decided on one day, and of {others} other occasions none was rated"
            ),
            Self::ChangedAfterCall { opportunity, hours } => {
                format!("rating {opportunity} was invalidated {hours} hours after a call to the applicant")
            }
            Self::LevelChanged { opportunity } => format!("rating {opportunity} was bad and became good"),
            Self::InvalidatedByTheRated {
                opportunity,
                by,
                department,
            } => format!(
                "rating {opportunity} was invalidated by {by} of {}, the department that was rated",
                names.department(department)
            ),
        }
    }
}
