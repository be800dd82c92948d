// Golang's own transparency log (golang.org/x/mod/sumdb) reads an archive, checks Guichet's heads and proofs, and makes
// heads and proofs of its own for Guichet to check.
//
//	tlog ARCHIVE VKEY SKEY-FILE PROOFS CASE-FILE OUT
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func fail(form string, parts ...any) {
	fmt.Fprintf(os.Stderr, "interop: Go: "+form+"\n", parts...)
	os.Exit(1)
}

func must(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	must(err, "reading")
	return data
}

func write(path string, data []byte) {
	must(os.MkdirAll(filepath.Dir(path), 0o777), "writing")
	must(os.WriteFile(path, data, 0o666), "writing")
}

// vector is what `guichet vectors run` reads.
type vector struct {
	Kind     string   `json:"kind"`
	ID       string   `json:"id,omitempty"`
	Index    int64    `json:"index"`
	Size     int64    `json:"size,omitempty"`
	LeafHash string   `json:"leaf_hash,omitempty"`
	Root     string   `json:"root,omitempty"`
	Size1    int64    `json:"size1"`
	Size2    int64    `json:"size2,omitempty"`
	Root1    string   `json:"root1,omitempty"`
	Root2    string   `json:"root2,omitempty"`
	Proof    []string `json:"proof"`
	Valid    bool     `json:"valid"`
}

type file struct {
	Vectors []vector `json:"vectors"`
}

func digits(h tlog.Hash) string { return hex.EncodeToString(h[:]) }

func hash(text string) (h tlog.Hash) {
	b, err := hex.DecodeString(text)
	if err != nil || copy(h[:], b) != len(h) || len(b) != len(h) {
		fail("%q is no hash", text)
	}
	return h
}

func hashes(texts []string) (all []tlog.Hash) {
	for _, text := range texts {
		all = append(all, hash(text))
	}
	return all
}

func texts(all []tlog.Hash) []string {
	some := []string{}
	for _, h := range all {
		some = append(some, digits(h))
	}
	return some
}

// head is what a signed head says.
type head struct {
	tree tlog.Tree
	text string
	note []byte
	path string
}

// open reads a head that the key has signed.
func open(msg []byte, path string, key note.Verifier) head {
	n, err := note.Open(msg, note.VerifierList(key))
	must(err, "note.Open of "+path)
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != key.Name() {
		fail("%s is no head of the log %s:\n%s", path, key.Name(), n.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "a head's size")
	root, err := tlog.ParseHash(lines[2])
	must(err, "a head's root")
	return head{tlog.Tree{N: size, Hash: root}, n.Text, msg, path}
}

// tilePath leaves out the height, which tlog-tiles fixes.
func tilePath(t tlog.Tile) string {
	return strings.Replace(t.Path(), "tile/8/", "tile/", 1)
}

// tiles are the archive's files.
type tiles struct{ dir string }

func (t tiles) Height() int { return height }

func (t tiles) ReadTiles(wanted []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range wanted {
		one, err := os.ReadFile(filepath.Join(t.dir, tilePath(tile)))
		if err != nil {
			return nil, err
		}
		data = append(data, one)
	}
	return data, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// records are all entries of the archive, from their files alone.
func records(dir string, size int64) (all [][]byte) {
	for n := int64(0); n<<height < size; n++ {
		width := size - n<<height
		if width > 1<<height {
			width = 1 << height
		}
		tile := tlog.Tile{H: height, L: -1, N: n, W: int(width)}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		rest := read(filepath.Join(dir, path))
		for i := int64(0); i < width; i++ {
			if len(rest) < 2 || len(rest)-2 < int(binary.BigEndian.Uint16(rest)) {
				fail("%s ends within its record %d", path, i)
			}
			end := 2 + int(binary.BigEndian.Uint16(rest))
			all = append(all, rest[2:end])
			rest = rest[end:]
		}
		if len(rest) > 0 {
			fail("%s has %d bytes after its last record", path, len(rest))
		}
	}
	return all
}

// broken are proofs that prove nothing, made of one that does.
func broken(proof []tlog.Hash) (all [][]tlog.Hash) {
	all = append(all, append(append([]tlog.Hash{}, proof...), tlog.Hash{}))
	if len(proof) > 0 {
		all = append(all, proof[1:])
		flipped := append([]tlog.Hash{}, proof...)
		flipped[len(proof)/2][7] ^= 1
		all = append(all, flipped)
	}
	return all
}

func main() {
	if len(os.Args) != 7 {
		fail("usage: tlog ARCHIVE VKEY SKEY-FILE PROOFS CASE-FILE OUT")
	}
	dir, vkey, skeyFile, proofs, caseFile, out := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6]
	key, err := note.NewVerifier(vkey)
	must(err, "the public key")

	// The heads, and that another key of the same name opens none of them.
	theirSkey, theirVkey, err := note.GenerateKey(rand.Reader, key.Name())
	must(err, "making a key")
	other, err := note.NewVerifier(theirVkey)
	must(err, "the other public key")
	newest := open(read(filepath.Join(dir, "checkpoint")), "checkpoint", key)
	var heads []head
	must(filepath.Walk(filepath.Join(dir, "heads"), func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		must(err, path)
		kept := open(read(path), name, key)
		if _, err := note.Open(kept.note, note.VerifierList(other)); err == nil {
			fail("a key that did not sign it opens %s", path)
		}
		if _, err := note.Open(bytes.Replace(kept.note, []byte("\n"), []byte("\n1"), 1), note.VerifierList(key)); err == nil {
			fail("note.Open takes a head whose size was changed")
		}
		heads = append(heads, kept)
		return nil
	}), "the heads")
	sort.Slice(heads, func(a, b int) bool { return heads[a].tree.N < heads[b].tree.N })
	if len(heads) < 2 || !bytes.Equal(heads[len(heads)-1].note, newest.note) {
		fail("found %d heads, expected two or more, the newest in `checkpoint`", len(heads))
	}
	fmt.Printf("interop: Go: note.Open takes %d heads and refuses other keys and other text\n", len(heads))

	// The tree out of the records alone, against the heads and every tile.
	entries := records(dir, newest.tree.N)
	var stored []tlog.Hash
	memory := tlog.HashReaderFunc(func(wanted []int64) (found []tlog.Hash, err error) {
		for _, i := range wanted {
			found = append(found, stored[i])
		}
		return found, nil
	})
	for n, entry := range entries {
		more, err := tlog.StoredHashes(int64(n), entry, memory)
		must(err, "tlog.StoredHashes")
		stored = append(stored, more...)
	}
	roots := map[int64]tlog.Hash{}
	for _, one := range heads {
		root, err := tlog.TreeHash(one.tree.N, memory)
		must(err, "tlog.TreeHash")
		if root != one.tree.Hash {
			fail("the root at %d records is %s, and the head says %s", one.tree.N, root, one.tree.Hash)
		}
		roots[one.tree.N] = root
	}
	checked := 0
	for _, tile := range tlog.NewTiles(height, 0, newest.tree.N) {
		// It lists an unfinished tile in every width that it ever had; a tree has only the last.
		if last := newest.tree.N>>(height*tile.L) - tile.N<<height; tile.W < 1<<height && int64(tile.W) < last {
			continue
		}
		checked++
		expected, err := tlog.ReadTileData(tile, memory)
		must(err, "tlog.ReadTileData")
		if !bytes.Equal(expected, read(filepath.Join(dir, tilePath(tile)))) {
			fail("%s holds other hashes than the records give", tilePath(tile))
		}
	}
	fmt.Printf("interop: Go: %d records give the roots of the heads and the %d tiles\n", len(entries), checked)

	// Guichet's proofs, against the roots of the heads and the records; nothing that the file of proofs says is believed.
	var ours file
	must(json.Unmarshal(read(proofs), &ours), proofs)
	inclusions, consistencies := 0, 0
	for _, it := range ours.Vectors {
		path := hashes(it.Proof)
		var check func([]tlog.Hash) error
		if it.Kind == "inclusion" {
			inclusions++
			leaf := tlog.RecordHash(entries[it.Index])
			if digits(leaf) != it.LeafHash || digits(roots[it.Size]) != it.Root {
				fail("the proof of record %d in %d is of another leaf or root", it.Index, it.Size)
			}
			check = func(p []tlog.Hash) error { return tlog.CheckRecord(p, it.Size, roots[it.Size], it.Index, leaf) }
		} else {
			consistencies++
			if digits(roots[it.Size1]) != it.Root1 || digits(roots[it.Size2]) != it.Root2 {
				fail("the proof from %d to %d is of other roots", it.Size1, it.Size2)
			}
			check = func(p []tlog.Hash) error {
				return tlog.CheckTree(p, it.Size2, roots[it.Size2], it.Size1, roots[it.Size1])
			}
		}
		must(check(path), fmt.Sprintf("Guichet's proof %+v", it))
		for _, wrong := range broken(path) {
			if check(wrong) == nil {
				fail("a broken proof is taken: %+v", it)
			}
		}
	}
	if inclusions == 0 || consistencies != len(heads)*(len(heads)+1)/2 {
		fail("%s has %d and %d proofs for %d heads", proofs, inclusions, consistencies, len(heads))
	}
	fmt.Printf("interop: Go: tlog takes %d inclusion and %d consistency proofs, and none of them broken\n", inclusions, consistencies)

	// A case file: records with a C2SP tlog-proof each.
	files, err := filepath.Glob(filepath.Join(caseFile, "records", "*.tlog-proof"))
	must(err, "the case file")
	for _, path := range files {
		parts := strings.SplitN(string(read(path)), "\n\n", 2)
		lines := strings.Split(parts[0], "\n")
		if len(parts) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
			fail("%s is no tlog-proof", path)
		}
		index, err := strconv.ParseInt(lines[1][len("index "):], 10, 64)
		must(err, path)
		var proof []tlog.Hash
		for _, line := range lines[2:] {
			one, err := tlog.ParseHash(line)
			must(err, path)
			proof = append(proof, one)
		}
		in := open([]byte(parts[1]), path, key).tree
		record := read(strings.TrimSuffix(path, ".tlog-proof") + ".record")
		must(tlog.CheckRecord(proof, in.N, in.Hash, index, tlog.RecordHash(record)), path)
	}
	if len(files) == 0 {
		fail("%s has no proofs", caseFile)
	}
	fmt.Printf("interop: Go: note and tlog take the %d records of a case file\n", len(files))

	// Proofs of Go's own, from the archive's tiles, which TileHashReader checks against the head.
	reader := tlog.TileHashReader(newest.tree, tiles{dir})
	var theirs file
	add := func(it vector, proof []tlog.Hash) {
		it.Proof, it.Valid = texts(proof), true
		it.ID = fmt.Sprintf("go %d", len(theirs.Vectors))
		theirs.Vectors = append(theirs.Vectors, it)
		for _, wrong := range broken(proof) {
			it.Proof, it.Valid = texts(wrong), false
			it.ID = fmt.Sprintf("go %d, broken", len(theirs.Vectors))
			theirs.Vectors = append(theirs.Vectors, it)
		}
	}
	for _, one := range heads {
		size, root := one.tree.N, one.tree.Hash
		for index := int64(0); index < size; index += 1 + size/70 {
			proof, err := tlog.ProveRecord(size, index, reader)
			must(err, "tlog.ProveRecord")
			leaf := tlog.RecordHash(entries[index])
			add(vector{Kind: "inclusion", Index: index, Size: size, LeafHash: digits(leaf), Root: digits(root)}, proof)
		}
		sizes := []int64{1, 2, 3, 255, 256, 257, size - 1}
		for _, earlier := range heads {
			sizes = append(sizes, earlier.tree.N)
		}
		for _, first := range sizes {
			if first < 1 || first > size {
				continue
			}
			proof, err := tlog.ProveTree(size, first, reader)
			must(err, "tlog.ProveTree")
			earlier, err := tlog.TreeHash(first, memory)
			must(err, "tlog.TreeHash")
			add(vector{Kind: "consistency", Size1: first, Size2: size, Root1: digits(earlier), Root2: digits(root)}, proof)
		}
		nothing := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		theirs.Vectors = append(theirs.Vectors,
			vector{Kind: "consistency", ID: "go, from nothing", Size2: size, Root1: nothing, Root2: digits(root), Proof: []string{}})
	}
	text, err := json.Marshal(theirs)
	must(err, "vectors")
	write(filepath.Join(out, "go.json"), text)

	// The same heads under Go's signatures: with Guichet's private key, with a key of Go's, and with both.
	skey := strings.TrimSpace(string(read(skeyFile)))
	guichets, err := note.NewSigner(skey)
	must(err, "Guichet's private key")
	gos, err := note.NewSigner(theirSkey)
	must(err, "the signer")
	sign := func(text string, signers ...note.Signer) []byte {
		signed, err := note.Sign(&note.Note{Text: text}, signers...)
		must(err, "note.Sign")
		return signed
	}
	for _, one := range append(heads, newest) {
		if !bytes.Equal(sign(one.text, guichets), one.note) {
			fail("note.Sign with Guichet's key makes other bytes than Guichet for %s", one.path)
		}
		write(filepath.Join(out, "signed", one.path), sign(one.text, gos))
		write(filepath.Join(out, "both", one.path), sign(one.text, gos, guichets))
		lines := strings.SplitN(one.text, "\n", 4)
		lines[2] = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
		write(filepath.Join(out, "forked", one.path), sign(strings.Join(lines, "\n"), gos))
	}
	for _, kind := range []string{"signed", "forked"} {
		write(filepath.Join(out, kind, "log.key"), []byte(theirVkey+"\n"))
	}
	write(filepath.Join(out, "vkey"), []byte(theirVkey+"\n"))
	write(filepath.Join(out, "skey"), []byte(theirSkey+"\n"))
	fmt.Printf("interop: Go: note.Sign with Guichet's private key signs the %d heads as Guichet did\n", len(heads))
}
