//! The table `events`: one row a record, in the order of the log.

use guichet_core::case::event::StepStarted;
use guichet_core::id::{CaseId, DepartmentId, PersonId, WindowId};
use guichet_log::codec::Event;
use guichet_log::codec::json::Fields;
use guichet_log::projection::Recorded;
use guichet_log::record::Cause;

use super::{Row, Rows, Table, Words, columns};

struct EventRow<'r> {
    recorded: &'r Recorded,
    case: Option<CaseId>,
    /// The fields of the event; nothing for reference data, which are documents of their own.
    fields: Fields,
}

impl EventRow<'_> {
    /// The first of these fields that the event has.
    fn field(&self, names: &[&str]) -> Option<&str> {
        names
            .iter()
            .find_map(|name| self.fields.plain.get(*name))
            .map(String::as_str)
    }

    fn window(&self) -> Option<&str> {
        // A step that is reached says which form of window it needs, and that is no window.
        self.field(&["window"])
            .filter(|_| self.recorded.event.kind() != StepStarted::KIND)
    }

    const fn cause(&self) -> (&'static str, Option<u64>, Option<u64>) {
        match self.recorded.cause {
            Cause::Asked => ("asked", None, None),
            Cause::Followed(position) => ("followed", Some(position.0), None),
            Cause::Imported { entry } => ("imported", None, Some(entry)),
        }
    }
}

columns! {
    row: &EventRow<'_>;
    position: Integer required, "在日志中的位置，从 0 起", "its place in the log, from 0" => row.recorded.position.0;
    stream: Text required, "所属流", "the stream it belongs to" => row.recorded.stream.as_str();
    case: Text optional, "办件编号；参考数据为空", "the case; empty for reference data" => row.case.as_ref().map(CaseId::as_str);
    revision: Integer required, "在流中的位置，从 0 起", "its place in the stream, from 0" => row.recorded.revision.0;
    kind: Text required, "事件类型", "the name of the event's type" => row.recorded.event.kind();
    occurred_at: Instant required, "发生时间（现实与法律意义上）", "when it was so in the world and in law" => row.recorded.occurred_at;
    recorded_at: Instant required, "记入日志的时间", "when the log took it" => row.recorded.recorded_at;
    actor: Text required, "行为人（仅编号）", "who caused it, by id" => row.recorded.actor.person.as_str();
    role: Text required, "行为人角色", "in which role" => row.recorded.actor.role.as_str();
    actor_window: Text optional, "行为人所在窗口", "at which window" => row.recorded.actor.window.as_ref().map(WindowId::as_str);
    actor_department: Text optional, "行为人所代表的部门", "for which department" => row.recorded.actor.department.as_ref().map(DepartmentId::as_str);
    acting_for: Text optional, "被代理人（仅编号）", "for whom, when an agent acts, by id" => row.recorded.actor.acting_for.as_ref().map(PersonId::as_str);
    authority: Text optional, "所依据的法律或组织依据", "on what legal or organisational basis" => row.recorded.authority.as_deref();
    cause: Text required, "起因：asked 命令、followed 由另一记录引起、imported 导入", "what led to it: asked, followed (from another record), imported" => row.cause().0;
    cause_position: Integer optional, "引起它的记录的位置", "the position of the record that it followed from" => row.cause().1;
    source_entry: Integer optional, "来源日志中的序号", "the number of the entry in the imported source" => row.cause().2;
    command: Text required, "命令编号", "the command that was handled" => row.recorded.command.as_str();
    step: Text optional, "环节", "the step of the flow that it is about" => row.field(&["step"]);
    group: Text optional, "并联组；导入的环节为来源的组", "the parallel group; of an imported step, the group of people" => row.field(&["group"]);
    member: Text optional, "并联成员或分支", "the member or branch of the group" => row.field(&["member", "branch"]);
    department: Text optional, "事件所涉部门", "the department that it names" => row.field(&["department", "lead"]);
    window: Text optional, "事件所涉窗口", "the window that it names" => row.window();
    person: Text optional, "事件所涉人员（仅编号）", "the person that it names, by id" => row.field(&["by", "staff", "approver", "agent", "applicant"]);
    activity: Text optional, "来源系统的活动名称", "what was done, as an imported source called it" => row.field(&["activity"]);
    result: Text optional, "结论代码：决定、意见、评价等级等", "what was concluded, as a code: verdict, opinion, outcome, level, finding, effect, light" =>
        row.field(&["verdict", "opinion", "outcome", "level", "finding", "effect", "resolution", "light"]);
    due_on: Text optional, "所载期限日", "the last day that it names: due_on, promised_due_on or statutory_due_on" => row.field(&["due_on", "promised_due_on", "statutory_due_on"]);
    amount_fen: Integer optional in "fen", "金额（分）", "an amount in fen (1/100 yuan)" => row.field(&["amount_fen"]).and_then(|text| text.parse::<i64>().ok());
    data: Text optional, "事件全部字段（JSON，见 event.v1 模式）；参考数据为空", "all fields of the event as JSON (schemas/event.v1.schema.json); empty for reference data" =>
        (!row.fields.json.is_empty()).then_some(row.fields.json.as_str());
}

fn row(recorded: &Recorded) -> Row {
    let fields = match &recorded.event {
        Event::Case(event) => Fields::of(event),
        Event::Reference(_) => Fields::default(),
    };
    cells(&EventRow {
        recorded,
        case: recorded.stream.case(),
        fields,
    })
}

pub(super) fn table() -> Table {
    Table {
        name: "events",
        row: Words {
            zh: "一条记录，按日志顺序",
            en: "one record, in the order of the log",
        },
        columns: columns(),
        month_of: "occurred_at",
        rows: Rows::Records(row),
    }
}
