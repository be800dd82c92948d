//! The table `ratings`: one row an occasion for a rating.

use guichet_core::case::event::{RectificationLevel, Satisfaction};
use guichet_core::id::{DocumentId, PersonId, WindowId};
use guichet_core::procedure::RatingPoint;
use guichet_core::time::Date;

use super::{OfCase, Row, Rows, Table, Words, columns, of_cases};
use crate::rows::{Facts, Given, Invalidated, RatingFact, Source};

impl OfCase<'_, RatingFact> {
    const fn given(&self) -> Option<&Given> {
        self.row.given.as_ref()
    }

    const fn invalidated(&self) -> Option<&Invalidated> {
        self.row.invalidated.as_ref()
    }

    fn rectified_on(&self) -> Option<Date> {
        self.row.rectified.as_ref().map(|done| done.on)
    }

    fn rectified_as(&self) -> Option<RectificationLevel> {
        self.row.rectified.as_ref()?.level
    }

    /// Whether a bad rating was put right in time, where there is one to put right.
    fn rectified_in_time(&self) -> Option<bool> {
        self.row.rectify_by().map(|_| self.row.is_rectified_in_time())
    }
}

columns! {
    row: &OfCase<'_, RatingFact>;
    case: Text required, "办件编号", "the case" => row.case();
    opportunity: Text required, "评价机会", "the occasion" => row.row.opportunity.as_str();
    record: Integer required, "提供评价机会的记录，为其在办件事件流中的序号（events 表的 revision）", "the record by which it was offered, by its place in the stream of the case: `revision` in the table events" => row.row.record.0;
    point: Text required, "评价环节：submission 收件、correction 补正、decision 决定、collection 领取", "what it is about: submission, correction, decision, collection" => RatingPoint::as_str(row.row.point);
    source: Text required, "评价来源：on_site 现场、online 网上、elsewhere 其他；不同来源不得合并", "where the service was given: on_site, online, elsewhere; never to be mixed" => Source::as_str(row.row.source);
    department: Text required, "被评价部门", "the department whose work it was" => row.row.department.as_str();
    window: Text optional, "被评价窗口", "at which window" => row.row.window.as_ref().map(WindowId::as_str);
    staff: Text optional, "被评价人员（仅编号）", "whose work it was, by id" => row.row.staff.as_ref().map(PersonId::as_str);
    offered_on: Date required, "提供评价机会的日期", "the day on which it was offered" => row.row.offered_on;
    closes_on: Date required, "可以评价的最后一日", "the last day for a rating" => row.row.closes_on;
    given_on: Date optional, "评价日期；未评价则为空", "the day of the rating; empty where there is none" => row.given().map(|given| given.on);
    level: Text optional, "评价等级：very_satisfied 非常满意、satisfied 满意、basically_satisfied 基本满意、dissatisfied 不满意、very_dissatisfied 非常不满意",
        "how the applicant rated: very_satisfied, satisfied, basically_satisfied, dissatisfied, very_dissatisfied" =>
        row.given().map(|given| given.level).map(Satisfaction::as_str);
    comment: Text optional, "评语（仅文书编号）", "the words, by reference" => row.given().and_then(|given| given.comment.as_ref()).map(DocumentId::as_str);
    counts: Flag required, "是否为有效评价：按期作出且未被认定无效", "whether it is a rating that counts: given in time, and not found invalid" => row.row.valid().is_some();
    late: Flag required, "是否逾期评价", "whether there is a rating that came too late to count" => row.row.is_late();
    bad: Flag required, "是否为有效的差评", "whether it is a bad rating that counts" => row.row.is_bad();
    appended: Integer required in "times", "追评次数", "how often the applicant added something" => row.row.appended;
    invalidated_on: Date optional, "认定无效的日期", "the day on which it was found invalid" => row.invalidated().map(|it| it.on);
    invalidated_by: Text optional, "认定无效的人员（仅编号）", "who found that, by id" => row.invalidated().map(|it| it.by.as_str());
    assigned_to: Text optional, "差评整改人员（仅编号，最近一次）", "who was given the bad rating to put right, last, by id" => row.row.assigned_to.as_ref().map(PersonId::as_str);
    callbacks: Integer required in "calls", "回访次数", "how often the applicant was called back" => row.row.callbacks;
    reached_on: Date optional, "首次联系到申请人的日期", "the day on which the applicant was first reached" => row.row.reached_on;
    rectify_by: Date optional, "有效差评的整改截止日期", "the last day for putting right a bad rating that counts" => row.row.rectify_by();
    rectified_on: Date optional, "整改日期（首次报告）", "the day on which it was put right, by the first report" => row.rectified_on();
    rectified_in_time: Flag optional, "是否按期整改；无须整改则为空", "whether it was put right by its last day; empty where there is nothing to put right" => row.rectified_in_time();
    rectified_as: Text optional, "申请人对整改的评价：satisfied 满意、partly 部分满意、dissatisfied 不满意", "how the applicant judged that: satisfied, partly, dissatisfied" =>
        row.rectified_as().map(RectificationLevel::as_str);
}

fn rows(facts: &Facts) -> Box<dyn Iterator<Item = Row> + '_> {
    Box::new(of_cases(facts, |of| &of.ratings.rows).map(|row| cells(&row)))
}

pub(super) fn table() -> Table {
    Table {
        name: "ratings",
        row: Words {
            zh: "一次评价机会（好差评）",
            en: "one occasion for a rating",
        },
        columns: columns(),
        month_of: "offered_on",
        rows: Rows::Facts(rows),
    }
}
