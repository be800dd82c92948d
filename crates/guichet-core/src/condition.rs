//! Conditions: small total expressions over the facts of a case, such as `case.trade == 'culture'`.
//!
//! ```text
//! condition = conjunction { "||" conjunction }
//! conjunction = unary { "&&" unary }
//! unary = "!" unary | "(" condition ")" | comparison
//! comparison = "case." name [ ("==" | "!=" | "<" | "<=" | ">" | ">=") literal | "in" "[" literal { "," literal } "]" ]
//! literal = "'" text "'" | whole number | "true" | "false"
//! ```
//!
//! Every condition has an answer for every case: a fact that is absent, or of another type than the literal beside
//! it, makes a comparison false (and `!=` true); a fact alone asks whether it is there and not `false`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The facts of a case that a flow may ask about, by name.
pub type Facts = BTreeMap<String, Fact>;

/// The longest condition, in bytes: a rule that needs more is a rule nobody can check.
pub const CONDITION_BYTES_MAX: usize = 1_000;
/// How deep brackets and `!` may nest; bounds the parser's own stack.
const DEPTH_MAX: usize = 32;

/// One fact of a case.
///
/// JSON and YAML: a string, a whole number or a boolean. In bytes: a text with the type in front.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

impl From<&str> for Fact {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Fact {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Fact {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self, serializer.is_human_readable()) {
            (Self::Text(text), true) => serializer.serialize_str(text),
            (Self::Number(number), true) => serializer.serialize_i64(*number),
            (Self::Flag(flag), true) => serializer.serialize_bool(*flag),
            (Self::Text(text), false) => serializer.collect_str(&format_args!("t{text}")),
            (Self::Number(number), false) => serializer.collect_str(&format_args!("n{number}")),
            (Self::Flag(flag), false) => serializer.collect_str(&format_args!("f{flag}")),
        }
    }
}

impl<'de> Deserialize<'de> for Fact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Readable;

        impl de::Visitor<'_> for Readable {
            type Value = Fact;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a whole number or a boolean")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Fact, E> {
                Ok(Fact::Text(text.to_owned()))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Fact, E> {
                Ok(Fact::Number(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Fact, E> {
                i64::try_from(number)
                    .map(Fact::Number)
                    .map_err(|_| E::custom("a number past 2^63"))
            }

            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Fact, E> {
                Ok(Fact::Flag(flag))
            }
        }

        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(Readable);
        }
        let stored = String::deserialize(deserializer)?;
        let wrong = || de::Error::custom("a stored fact of no known type");
        match stored.split_at_checked(1) {
            Some(("t", text)) => Ok(Self::Text(text.to_owned())),
            Some(("n", number)) => number.parse().map(Self::Number).map_err(|_| wrong()),
            Some(("f", flag)) => flag.parse().map(Self::Flag).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

/// A question about a case that always has an answer.
///
/// ```
/// # use guichet_core::condition::{Condition, Facts};
/// let large: Condition = "case.area > 500 && case.trade in ['food', 'hotel']".parse()?;
/// let facts = Facts::from([("area".into(), 800.into()), ("trade".into(), "food".into())]);
/// assert!(large.holds(&facts));
/// assert!(!large.holds(&Facts::new()));
/// # Ok::<(), guichet_core::condition::ConditionError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    text: String,
    expression: Expression,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Expression {
    Any(Vec<Expression>),
    All(Vec<Expression>),
    Not(Box<Expression>),
    Present(String),
    Compare(String, Operator, Fact),
    OneOf(String, Vec<Fact>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    /// Whether the condition holds for a case with these facts.
    #[must_use]
    pub fn holds(&self, facts: &Facts) -> bool {
        self.expression.holds(facts)
    }

    /// The condition as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of the facts it asks for, in order of their first mention.
    #[must_use]
    pub fn facts(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.expression.facts(&mut names);
        names
    }
}

impl Expression {
    fn holds(&self, facts: &Facts) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.holds(facts)),
            Self::All(parts) => parts.iter().all(|part| part.holds(facts)),
            Self::Not(part) => !part.holds(facts),
            Self::Present(name) => facts.get(name).is_some_and(|fact| *fact != Fact::Flag(false)),
            Self::Compare(name, operator, literal) => {
                facts.get(name).map_or(*operator == Operator::Unequal, |fact| {
                    operator.holds(fact, literal)
                })
            }
            Self::OneOf(name, literals) => facts.get(name).is_some_and(|fact| literals.contains(fact)),
        }
    }

    fn facts<'a>(&'a self, names: &mut Vec<&'a str>) {
        match self {
            Self::Any(parts) | Self::All(parts) => parts.iter().for_each(|part| part.facts(names)),
            Self::Not(part) => part.facts(names),
            Self::Present(name) | Self::Compare(name, ..) | Self::OneOf(name, _) => {
                if !names.contains(&name.as_str()) {
                    names.push(name);
                }
            }
        }
    }
}

impl Operator {
    fn holds(self, fact: &Fact, literal: &Fact) -> bool {
        let order = match (fact, literal) {
            (Fact::Number(fact), Fact::Number(literal)) => Some(fact.cmp(literal)),
            (Fact::Text(fact), Fact::Text(literal)) => Some(fact.cmp(literal)),
            (Fact::Flag(fact), Fact::Flag(literal)) => Some(fact.cmp(literal)),
            (Fact::Number(_) | Fact::Text(_) | Fact::Flag(_), _) => None,
        };
        order.map_or(self == Self::Unequal, |order| match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        })
    }
}

/// Text that is no condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the condition cannot be read at character {at}: expected {expected}, found {found}")]
pub struct ConditionError {
    /// The place, in characters from 1.
    pub at: usize,
    /// What a condition would have there.
    pub expected: &'static str,
    /// What stands there.
    pub found: String,
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        if text.len() > CONDITION_BYTES_MAX {
            let found = format!("a condition of {} bytes", text.len());
            return Err(ConditionError {
                at: 1,
                expected: "at most 1000 bytes",
                found,
            });
        }
        let mut parser = Parser {
            text,
            at: 0,
            depth: 0,
        };
        let expression = parser.condition()?;
        parser.blanks();
        if parser.rest().is_empty() {
            Ok(Self {
                text: text.to_owned(),
                expression,
            })
        } else {
            Err(parser.error("`&&`, `||` or the end"))
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.split_once(|c| !keep(c)).map_or(rest, |(taken, _)| taken);
        self.at += taken.len();
        taken
    }

    fn error(&self, expected: &'static str) -> ConditionError {
        let before = self.text.get(..self.at).unwrap_or_default();
        let found = match self.rest().chars().next() {
            Some(c) => format!("`{c}`"),
            None => "the end".to_owned(),
        };
        ConditionError {
            at: before.chars().count() + 1,
            expected,
            found,
        }
    }

    fn condition(&mut self) -> Result<Expression, ConditionError> {
        let first = self.conjunction()?;
        let mut parts = vec![first];
        while self.eat("||") {
            parts.push(self.conjunction()?);
        }
        Ok(single_or(parts, Expression::Any))
    }

    fn conjunction(&mut self) -> Result<Expression, ConditionError> {
        let first = self.unary()?;
        let mut parts = vec![first];
        while self.eat("&&") {
            parts.push(self.unary()?);
        }
        Ok(single_or(parts, Expression::All))
    }

    fn unary(&mut self) -> Result<Expression, ConditionError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.error("brackets nested less than 32 deep"));
        }
        let expression = if self.eat("!") {
            Expression::Not(Box::new(self.unary()?))
        } else if self.eat("(") {
            let inner = self.condition()?;
            if !self.eat(")") {
                return Err(self.error("`)`"));
            }
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn comparison(&mut self) -> Result<Expression, ConditionError> {
        if !self.eat("case.") {
            return Err(self.error("`case.` and the name of a fact"));
        }
        let name = self
            .take_while(|c| c.is_alphanumeric() || c == '_' || c == '-')
            .to_owned();
        if name.is_empty() {
            return Err(self.error("the name of a fact"));
        }
        self.blanks();
        if self.eat("in") {
            return self.literals().map(|literals| Expression::OneOf(name, literals));
        }
        // The longer signs come first: `<=` begins with `<`.
        let signs = [
            ("==", Operator::Equal),
            ("!=", Operator::Unequal),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        match signs.into_iter().find(|(sign, _)| self.eat(sign)) {
            Some((_, operator)) => self
                .literal()
                .map(|literal| Expression::Compare(name, operator, literal)),
            None => Ok(Expression::Present(name)),
        }
    }

    fn literals(&mut self) -> Result<Vec<Fact>, ConditionError> {
        if !self.eat("[") {
            return Err(self.error("`[`"));
        }
        let mut literals = vec![self.literal()?];
        while self.eat(",") {
            literals.push(self.literal()?);
        }
        if self.eat("]") {
            Ok(literals)
        } else {
            Err(self.error("`,` or `]`"))
        }
    }

    fn literal(&mut self) -> Result<Fact, ConditionError> {
        const EXPECTED: &str = "a text in single quotes, a whole number, true or false";
        if self.eat("'") {
            let text = self.take_while(|c| c != '\'').to_owned();
            return if self.eat("'") {
                Ok(Fact::Text(text))
            } else {
                Err(self.error("`'`"))
            };
        }
        let before = self.at;
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || c == '-');
        let fact = match word {
            "true" => Some(Fact::Flag(true)),
            "false" => Some(Fact::Flag(false)),
            number => number.parse().ok().map(Fact::Number),
        };
        fact.ok_or_else(|| {
            self.at = before;
            self.error(EXPECTED)
        })
    }
}

fn single_or(mut parts: Vec<Expression>, many: impl Fn(Vec<Expression>) -> Expression) -> Expression {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            parts.push(last);
            many(parts)
        }
        (None, _) => many(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(condition: &str, facts: &[(&str, Fact)]) -> bool {
        let facts = facts
            .iter()
            .map(|(name, fact)| ((*name).to_owned(), fact.clone()))
            .collect();
        condition.parse::<Condition>().unwrap().holds(&facts)
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert!(holds("case.a || case.b && case.c", &[("a", true.into())]));
        assert!(!holds("(case.a || case.b) && case.c", &[("a", true.into())]));
    }

    #[test]
    fn an_absent_fact_is_equal_to_nothing() {
        assert!(!holds("case.trade == 'food'", &[]));
        assert!(holds("case.trade != 'food'", &[]));
        assert!(!holds("case.area <= 5", &[("area", "five".into())]));
        assert!(holds("!case.renewal", &[("renewal", false.into())]));
    }

    #[test]
    fn a_list_and_chinese_names_are_understood() {
        assert!(holds("case.行业 in ['餐饮', '文化']", &[("行业", "文化".into())]));
        assert!(!holds("case.floors in [1, 2]", &[("floors", 3.into())]));
    }

    #[test]
    fn a_condition_that_cannot_be_read_names_the_place() {
        let error = |text: &str| text.parse::<Condition>().unwrap_err().to_string();
        assert_eq!(
            error("case.trade = 'x'"),
            "the condition cannot be read at character 12: expected `&&`, `||` or the end, found `=`"
        );
        assert_eq!(
            error("case.trade == "),
            "the condition cannot be read at character 15: expected a text in single quotes, a whole number, true or \
             false, found the end"
        );
        assert_eq!(
            error(&"(".repeat(500)),
            "the condition cannot be read at character 33: expected brackets nested less than 32 deep, found `(`"
        );
    }

    #[test]
    fn a_condition_names_the_facts_it_asks_for() {
        let condition: Condition = "case.a == 1 || !(case.b && case.a > 2)".parse().unwrap();
        assert_eq!(condition.facts(), ["a", "b"]);
    }
}
