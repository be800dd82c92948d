//! The table `members`: one row each time a member of a parallel group is asked.

use guichet_core::actor::Role;
use guichet_core::case::event::Opinion;
use guichet_core::id::{BlockId, PersonId};

use super::{OfCase, Row, Rows, Table, Words, columns, of_cases};
use crate::rows::{Facts, StepEnd, StepFact};

struct MemberRow<'f> {
    step: OfCase<'f, StepFact>,
    group: &'f BlockId,
}

impl MemberRow<'_> {
    fn opinion(&self) -> Option<&'static str> {
        match self.step.row.end? {
            StepEnd::Answered(opinion) => Some(Opinion::as_str(opinion)),
            StepEnd::Deemed(_) | StepEnd::Released | StepEnd::Superseded => None,
        }
    }
}

columns! {
    row: &MemberRow<'_>;
    case: Text required, "办件编号", "the case" => row.step.case();
    entry: Integer required, "对应 steps 表的 entry", "the entry into the step that the member does: `entry` in the table steps" => row.step.place;
    group: Text required, "并联审批", "the parallel group" => row.group.as_str();
    member: Text required, "成员，以其环节表示", "the member, by its step" => row.step.row.step.as_str();
    department: Text required, "成员部门", "the member's department" => row.step.row.department.as_str();
    role: Text required, "所需角色：clerk 窗口人员、handler 承办人、reviewer 审核人、approver 批准人等", "the role that it takes: clerk, handler, reviewer, approver and so on" => Role::as_str(row.step.row.role);
    handler: Text optional, "办理人员（仅编号）", "who has it, or answered, by id" => row.step.row.handler.as_ref().map(PersonId::as_str);
    asked_on: Date required, "征求意见的日期", "the day from which its term runs" => row.step.row.started_on;
    term: Text optional, "期限：wd 工作日、cd 自然日、w 周、mo 月、wh 工作小时", "its term: 5wd is 5 working days; cd calendar days, w weeks, mo months, wh working hours" => row.step.term();
    due_on: Date optional, "截止日期（开始时告知的）", "its last day, as told when it began" => row.step.row.due_on;
    opinion: Text optional, "意见：agree 同意、disagree 不同意、agree_but_forward 同意但须转报；没有意见则为空",
        "what it answered: agree, disagree, agree_but_forward; empty where it did not" => row.opinion();
    consent_ground: Text optional, "默认同意的原因：timeout 超时默认、absence 缺席默认、no_reason 不同意而无理由、invalid_form 形式无效",
        "why it counts as having consented: timeout, absence, no_reason, invalid_form" => row.step.consent_ground();
    ending: Text optional,
        "如何结束：所给意见，或 deemed_consent 默认同意、released 不再需要或办件已决定、已终结、superseded 因退回而作废；未结束则为空",
        "how it ended: its opinion, or deemed_consent, released (not needed any more, or the case was decided or ended), superseded (void by a return); empty while it runs" => row.step.end();
    ended_on: Date optional, "结束日期", "the day of its end" => row.step.row.ended_on;
    used_days: Integer optional in "days", "所用天数，扣除暂停；有意见或默认同意才有", "days used, pauses left out, where it was answered or silence answered for it" => row.step.row.used;
    day_unit: Text optional, "所用天数的单位：working_days 工作日、calendar_days 自然日", "in which days those are counted: working_days, calendar_days" => row.step.day_unit();
    in_time: Flag optional, "是否在期限内答复；默认同意不算", "whether it was answered within its term; silence is not" => row.step.row.in_time;
}

fn rows(facts: &Facts) -> Box<dyn Iterator<Item = Row> + '_> {
    let members = of_cases(facts, |of| &of.steps).filter_map(|step| {
        let group = step.row.group.as_ref()?;
        Some(MemberRow { step, group })
    });
    Box::new(members.map(|row| cells(&row)))
}

pub(super) fn table() -> Table {
    Table {
        name: "members",
        row: Words {
            zh: "并联审批的一个成员，每次征求意见",
            en: "one member of a parallel group, each time it is asked",
        },
        columns: columns(),
        month_of: "asked_on",
        rows: Rows::Facts(rows),
    }
}
