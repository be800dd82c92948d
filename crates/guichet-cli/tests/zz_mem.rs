//! Temporary.
use std::io::{self, Read};
use guichet_cli::import::{mapping::Mapping, source::Reader};
struct G { n: u64, buf: Vec<u8>, at: usize, xes: bool }
impl Read for G {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.buf.len() {
            self.at = 0; self.n += 1;
            if self.n > 400_001 { return Ok(0); }
            self.buf = if self.xes {
                if self.n == 400_001 { b"</log>".to_vec() } else {
                let e = "<event><string key='concept:name' value='Check'/><string key='org:resource' value='r1'/><string key='org:group' value='g1'/><string key='lifecycle:transition' value='complete'/><date key='time:timestamp' value='2010-03-01T00:00:00.000+01:00'/></event>".repeat(5);
                format!("<trace><string key='concept:name' value='c{}'/>{e}</trace>", self.n).into_bytes() }
            } else {
                let c = self.n;
                format!("c{c},Check,2010-03-01T00:00:00.000+01:00,r1\n").repeat(5).into_bytes()
            };
        }
        let n = into.len().min(self.buf.len() - self.at);
        into[..n].copy_from_slice(&self.buf[self.at..self.at + n]); self.at += n; Ok(n)
    }
}
fn main_of(xes: bool, head: &str) {
    let m = if xes { Mapping::find("xes").unwrap() } else { Mapping::from_yaml("m", "log: m\ncsv: {case: a, activity: b, time: c, person: d}\n").unwrap() };
    let t = std::time::Instant::now();
    let mut r = Reader::of_reader("x", G { n: 0, buf: head.as_bytes().to_vec(), at: 0, xes }, None, &m).unwrap();
    assert!(r.by_ref().all(|i| i.is_ok()));
    let s = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{} events {} bytes {:?} {}", r.tally().events, r.bytes_read(), t.elapsed(), s.lines().find(|l| l.starts_with("VmHWM")).unwrap());
}
#[test] fn a_csv() { main_of(false, "a,b,c,d\n"); }
#[test] fn b_xes() { main_of(true, "<log>"); }
