//! The table `cases`: one row a case, as it stands.

use guichet_core::case::event::Outcome;
use guichet_core::id::{PersonId, WindowId};
use guichet_core::light::Light;
use guichet_core::procedure::ProcedureKind;
use guichet_core::reference::WindowForm;

use super::{Row, Rows, Table, Words, columns};
use crate::fact::CaseFact;
use crate::rows::{CaseRows, Facts};
use crate::timeliness::Timely;
use crate::timing::{DayUnit, Timing};

struct CaseRow<'f> {
    of: &'f CaseRows,
    fact: &'f CaseFact,
    /// The times of the decision by which the last round ended. None while that round is open.
    timing: Option<&'f Timing>,
}

impl<'f> CaseRow<'f> {
    fn new(of: &'f CaseRows) -> Self {
        let end = of.case.rounds.last().and_then(|round| round.end.as_ref());
        Self {
            of,
            fact: &of.case,
            timing: end.and_then(|end| end.timing.as_ref()),
        }
    }

    fn reopened(&self) -> u64 {
        // The first round begins with the acceptance, where there is one.
        let first = usize::from(self.fact.accepted_on.is_some());
        self.fact.rounds.iter().skip(first).fold(0, |count, _| count + 1)
    }
}

columns! {
    row: &CaseRow<'_>;
    case: Text required, "办件编号", "the case" => row.of.id.as_str();
    procedure: Text required, "事项", "its procedure" => row.fact.procedure.as_str();
    version: Integer required, "事项版本", "the version of the procedure that it keeps to" => row.fact.version.0;
    kind: Text optional, "办件类型：immediate 即办件、promised 承诺件、forwarded 上报件、joint 联办件、annual_inspection 年检、recorded 其他系统的历史",
        "the kind of its procedure: immediate, promised, forwarded, joint, annual_inspection, recorded (another system's history)" =>
        row.fact.kind.map(ProcedureKind::as_str);
    department: Text required, "主办部门；作出决定后为作出决定的部门", "the department that answers for it; once it is decided, the one that decided" => row.fact.department.as_str();
    intake_window: Text optional, "收件窗口", "the window that took it in" => row.fact.intake_window.as_ref().map(WindowId::as_str);
    window_form: Text optional, "收件窗口的类型：approval_office 审批办、reception 接待窗口、rotating 轮流值班综合代办窗口、annual_inspection 年检窗口、bank 银行收费窗口、intermediary 中介窗口",
        "the form of that window: approval_office, reception, rotating, annual_inspection, bank, intermediary" => row.fact.window_form.map(WindowForm::as_str);
    window: Text optional, "持件窗口", "the window that has the file" => row.fact.window.as_ref().map(WindowId::as_str);
    channel: Text required, "收件渠道：window 窗口、online 网上、post 邮寄、agent 代办、internal 其他机关",
        "by which way it came: window, online, post, agent, internal (another authority)" => row.fact.channel.as_str();
    agent: Text optional, "代办员（仅编号）", "the agent that accompanies it or handed it in, by id" => row.fact.agent.as_ref().map(PersonId::as_str);
    district: Text optional, "申请所载的辖区", "the district that it comes from, where the application says so" => row.fact.district.as_deref();
    handler: Text optional, "作出决定的人员（仅编号）", "who decided it, by id" => row.fact.handler.as_ref().map(PersonId::as_str);
    received_on: Date required, "收件日期（法律意义上）", "the day of receipt in law" => row.fact.received_on;
    accepted_on: Date optional, "受理生效日期", "the day from which it counts as accepted" => row.fact.accepted_on;
    deemed_acceptance: Flag required, "是否视为受理", "whether it was accepted by silence" => row.fact.deemed_acceptance;
    deemed_consents: Integer required in "members", "超时默认、缺席默认的并联审批成员数",
        "members of its parallel groups that count as having consented" => row.fact.deemed_consents;
    corrections: Integer required in "notices", "补正告知次数", "correction notices that it had" => row.fact.corrections;
    transfers: Integer required in "transfers", "转送并签收的次数", "how often its file went to another window and was confirmed there" => row.fact.transfers;
    sent_back: Integer required in "returns", "退回重办的次数", "how often it was sent back to an earlier step" => row.fact.sent_back;
    green_channel: Flag required, "是否走绿色通道", "whether it goes by the green channel" => row.fact.green_channel;
    reopened: Integer required in "times", "终结后重新办理的次数", "how often it was taken up again after it had ended" => row.reopened();
    standing: Text required,
        "所处阶段：intake 待受理、awaiting_correction 待补正、review 审查、decided 已决定、ended 未决定而终结、completed 办结、archived 归档",
        "where it stands: intake, awaiting_correction, review, decided, ended, completed, archived" => row.fact.standing.as_str();
    outcome: Text optional, "结果代码", "how it was decided or ended: a code of the event schema" => row.fact.outcome.map(Outcome::as_str);
    ended_on: Date optional, "决定或终结日期", "the day of the outcome" => row.fact.ended_on;
    delivered_on: Date optional, "送达日期", "the day on which the result was handed over" => row.fact.delivered_on;
    completed_on: Date optional, "办结日期", "the day on which everything was done" => row.fact.completed_on;
    statutory_due_on: Date optional, "法定时限的截止日期（最近一次记录）", "the last day of the decision by law, as last recorded" => row.fact.statutory_due_on;
    promised_due_on: Date optional, "承诺时限的截止日期（最近一次记录）", "the last day of the promise, as last recorded" => row.fact.promised_due_on;
    light: Text optional, "决定计时最近一次的灯：green 绿、yellow 黄、red 红、black 黑、grey 灰（暂停）",
        "the light that its decision clocks showed last: green, yellow, red, black, grey (it stands still)" => row.fact.light.map(Light::as_str);
    timely: Text optional, "决定是否按时：in_time 按时、overdue 超承诺时限、illegal 超法定时限；无期限则为空",
        "how its decision stands to its terms: in_time, overdue (past the promise), illegal (past the statute)" => row.fact.timely.map(timely);
    timely_by_source: Text optional, "来源系统的办结时间与期限之比较", "the same by the two instants that an imported source gives" => row.fact.by_source.map(|(it, _)| timely(it));
    early: Flag optional, "是否提前作出决定；无期限则为空", "whether its decision came with time left; empty where it had no term" =>
        row.timing.and_then(|timing| timing.timely.map(|_| timing.early));
    day_unit: Text optional, "以下各天数的单位：working_days 工作日、calendar_days 自然日；不同单位的天数不得相加",
        "in which days the next five columns are counted: working_days, calendar_days; never to be added across units" =>
        row.timing.map(|timing| timing.unit).map(DayUnit::as_str);
    used_days: Integer optional in "days", "末轮决定所用天数，自受理生效起，扣除暂停与特别程序",
        "days from effective acceptance to the decision of its last round, pauses left out" => row.timing.and_then(|timing| timing.used);
    elapsed_days: Integer optional in "days", "同上，不作扣除", "the same with nothing left out" => row.timing.and_then(|timing| timing.elapsed);
    statutory_days: Integer optional in "days", "公布的法定时限；以其他单位计则为空", "the statutory term as published; empty where it is in another unit" =>
        row.timing.and_then(|timing| timing.statutory);
    promised_days: Integer optional in "days", "公布的承诺时限；以其他单位计则为空", "the promise as published; empty where it is in another unit" =>
        row.timing.and_then(|timing| timing.promised);
    promised_limit_days: Integer optional in "days", "承诺时限加上批准的延期", "the promise with its granted extensions" =>
        row.timing.and_then(|timing| timing.promised_limit);
    records: Integer required in "records", "该办件的记录数", "how many records it has" => row.fact.records;
    last_occurred_at: Instant required, "最近一次事件的时间", "when something happened to it last" => row.fact.last_occurred_at;
}

const fn timely(timely: Timely) -> &'static str {
    match timely {
        Timely::InTime => "in_time",
        Timely::Overdue => "overdue",
        Timely::Illegal => "illegal",
    }
}

fn rows(facts: &Facts) -> Box<dyn Iterator<Item = Row> + '_> {
    Box::new(facts.rows().map(|of| cells(&CaseRow::new(of))))
}

pub(super) fn table() -> Table {
    Table {
        name: "cases",
        row: Words {
            zh: "一个办件，按日志末尾的状态",
            en: "one case, as it stands at the end of the log",
        },
        columns: columns(),
        month_of: "received_on",
        rows: Rows::Facts(rows),
    }
}
