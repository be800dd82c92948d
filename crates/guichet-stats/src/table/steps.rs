//! The table `steps`: one row each time a case enters a step.

use guichet_core::actor::Role;
use guichet_core::case::event::ConsentGround;
use guichet_core::id::{BlockId, PersonId};
use guichet_core::time::Term;

use super::{OfCase, Row, Rows, Table, Words, columns, of_cases};
use crate::rows::{Facts, StepEnd, StepFact};
use crate::timing::{DayUnit, unit};

impl OfCase<'_, StepFact> {
    /// How it ended.
    pub(super) fn end(&self) -> Option<&'static str> {
        self.row.end.map(StepEnd::as_str)
    }

    /// Why silence counts as consent, where it does.
    pub(super) fn consent_ground(&self) -> Option<&'static str> {
        match self.row.end? {
            StepEnd::Deemed(ground) => Some(ConsentGround::as_str(ground)),
            StepEnd::Answered(_) | StepEnd::Released | StepEnd::Superseded => None,
        }
    }

    /// Its term, as rule books write it.
    pub(super) fn term(&self) -> Option<String> {
        self.row.term.as_ref().map(Term::to_string)
    }

    /// In which days those used are counted.
    pub(super) fn day_unit(&self) -> Option<&'static str> {
        self.row.used?;
        self.row.term.map(unit).map(DayUnit::as_str)
    }
}

columns! {
    row: &OfCase<'_, StepFact>;
    case: Text required, "办件编号", "the case" => row.case();
    entry: Integer required, "该办件第几次进入环节，从 0 起", "its place among the entries of the case into steps, from 0" => row.place;
    step: Text required, "环节", "the step" => row.row.step.as_str();
    group: Text optional, "所属并联审批；不在并联审批中则为空", "the parallel group whose member does it, if one does" => row.row.group.as_ref().map(BlockId::as_str);
    department: Text required, "办理部门", "the department that does it" => row.row.department.as_str();
    role: Text required, "所需角色：clerk 窗口人员、handler 承办人、reviewer 审核人、approver 批准人等", "the role that it takes: clerk, handler, reviewer, approver and so on" => Role::as_str(row.row.role);
    handler: Text optional, "办理人员（仅编号）", "who has it, or answered, by id" => row.row.handler.as_ref().map(PersonId::as_str);
    started_on: Date required, "环节开始日期", "the day from which it runs" => row.row.started_on;
    term: Text optional, "期限：wd 工作日、cd 自然日、w 周、mo 月、wh 工作小时", "its term: 5wd is 5 working days; cd calendar days, w weeks, mo months, wh working hours" => row.term();
    due_on: Date optional, "截止日期（开始时告知的）", "its last day, as told when it began" => row.row.due_on;
    ending: Text optional,
        "如何结束：agree 同意、disagree 不同意、agree_but_forward 同意但须转报、deemed_consent 默认同意、released 不再需要或办件已决定、已终结、superseded 因退回而作废；未结束则为空",
        "how it ended: agree, disagree, agree_but_forward, deemed_consent, released (not needed any more, or the case was decided or ended), superseded (void by a return); empty while it runs" => row.end();
    consent_ground: Text optional, "默认同意的原因：timeout 超时默认、absence 缺席默认、no_reason 不同意而无理由、invalid_form 形式无效",
        "why it counts as consent: timeout, absence, no_reason, invalid_form" => row.consent_ground();
    ended_on: Date optional, "结束日期", "the day of its end" => row.row.ended_on;
    used_days: Integer optional in "days", "所用天数，扣除暂停；有意见或默认同意才有", "days used, pauses left out, where it was answered or silence answered for it" => row.row.used;
    day_unit: Text optional, "所用天数的单位：working_days 工作日、calendar_days 自然日", "in which days those are counted: working_days, calendar_days" => row.day_unit();
    in_time: Flag optional, "是否在期限内答复；默认同意不算", "whether it was answered within its term; silence is not" => row.row.in_time;
}

fn rows(facts: &Facts) -> Box<dyn Iterator<Item = Row> + '_> {
    Box::new(of_cases(facts, |of| &of.steps).map(|row| cells(&row)))
}

pub(super) fn table() -> Table {
    Table {
        name: "steps",
        row: Words {
            zh: "办件每次进入一个环节",
            en: "one entry of a case into a step",
        },
        columns: columns(),
        month_of: "started_on",
        rows: Rows::Facts(rows),
    }
}
