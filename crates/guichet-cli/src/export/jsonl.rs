//! JSON Lines: one object a record. Nothing is kept in memory.

use std::io::Write;

use guichet_log::codec;
use guichet_log::codec::json::ExportLine;

use super::{Counts, Source, unreadable};
use crate::context::Failure;

pub(super) async fn write(source: &Source<'_>, out: &mut impl Write) -> Result<Counts, Failure> {
    let mut records = 0;
    source
        .each(|record| {
            let event =
                codec::decode_ref(record).map_err(|error| unreadable(record.place.position, &error))?;
            let line = ExportLine::of_ref(record, &event);
            serde_json::to_writer(&mut *out, &line).map_err(|error| Failure::output(&error.into()))?;
            out.write_all(b"\n")?;
            records += 1;
            Ok(())
        })
        .await?;
    Ok(Counts {
        records: Some(records),
        ..Counts::default()
    })
}
