package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/sites/browser"
)

// BenchmarkCare makes CARE_RUNS visits of CARE_PAGES pages each (20 and 20) and prints what that costs in memory, early and late, and what is
// left of the browser afterwards.
func BenchmarkCare(b *testing.B) {
	runs, pages := fromEnvironment(b, "CARE_RUNS"), fromEnvironment(b, "CARE_PAGES")
	for b.Loop() {
		care(b, runs, pages)
	}
}

func fromEnvironment(b *testing.B, name string) int {
	b.Helper()
	text := os.Getenv(name)
	if text == "" {
		return 20
	}
	n, err := strconv.Atoi(text)
	require.NoError(b, err)
	require.Positive(b, n)
	return n
}

func care(b *testing.B, runs, pages int) {
	b.Helper()
	address := heavySite(b)
	br, err := browser.Start(context.WithoutCancel(b.Context()), browser.Config{ExecPath: os.Getenv("FOSSAWORK_CHROMIUM")})
	require.NoError(b, err)
	defer br.Close()

	pids, family := map[int]bool{}, map[int]bool{}
	report := func(when string) {
		time.Sleep(time.Second) // until the last tab is closed
		ours, theirs := residentMB(os.Getpid()), 0
		for _, pid := range descendants(b, os.Getpid())[1:] {
			theirs += residentMB(pid)
		}
		b.ReportMetric(float64(ours), "go-MB-"+when)
		b.ReportMetric(float64(theirs), "browser-MB-"+when)
	}
	early := max(1, runs/10)
	for run := 1; run <= runs; run++ {
		require.NoError(b, br.Tab(b.Context(), func(ctx context.Context, tab *browser.Tab) error {
			for page := range pages {
				if _, err := tab.Navigate(ctx, fmt.Sprintf("%s/?run=%d&page=%d", address, run, page), limit); err != nil {
					return err
				}
				if err := tab.Wait(ctx, fmt.Sprintf(`() => document.querySelector('#out')?.textContent === '%d/%d'`, run, page), limit, nil); err != nil {
					return err
				}
			}
			return nil
		}))
		if pid, running := br.Running(); running {
			pids[pid] = true
		}
		for _, pid := range descendants(b, os.Getpid())[1:] {
			family[pid] = true
		}
		switch run {
		case early:
			report("early")
		case runs:
			report("late")
		}
	}
	br.Close()
	alive, zombies := 0, 0
	for until := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if alive, zombies = left(family); alive+zombies == 0 || time.Now().After(until) {
			break
		}
	}
	b.ReportMetric(float64(runs*pages), "pages")
	b.ReportMetric(float64(len(pids)-1), "restarts")
	b.ReportMetric(float64(alive), "processes-left")
	b.ReportMetric(float64(zombies), "zombies")
}

// left counts what is still there of processes.
func left(family map[int]bool) (alive, zombies int) {
	for pid := range family {
		switch found, _, state := stat(fmt.Sprintf("/proc/%d/stat", pid)); {
		case found != pid:
		case state == "Z":
			zombies++
		default:
			alive++
		}
	}
	return alive, zombies
}

// residentMB is what a process has for itself, in megabytes.
func residentMB(pid int) int {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "statm"))
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 3 {
		return 0 // it has just ended
	}
	resident, _ := strconv.Atoi(fields[1])
	shared, _ := strconv.Atoi(fields[2])
	return (resident - shared) * os.Getpagesize() >> 20
}

// heavySite is a page whose script asks for data and builds some hundred elements of it.
func heavySite(b *testing.B) string {
	b.Helper()
	type row struct{ Name, Text string }
	rows := make([]row, 150)
	for i := range rows {
		rows[i] = row{fmt.Sprintf("Example Fuel Stop #%d", 4000+i), strings.Repeat("Check all dispensers. ", 10)}
	}
	data, err := json.Marshal(rows)
	require.NoError(b, err)
	mux := http.NewServeMux()
	mux.HandleFunc("/data", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(data)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprint(w, `<!doctype html><body><div id=list></div><p id=out></p><script>
			fetch('/data').then(answer => answer.json()).then(rows => {
				window.kept = rows.map(row => ({...row, copy: row.Text.repeat(20)}));
				for (const row of rows) {
					const el = document.createElement('div');
					for (const text of [row.Name, row.Text, 'Open', '02/03/2030']) el.append(Object.assign(document.createElement('span'), {textContent: text}));
					document.querySelector('#list').append(el);
				}
				console.log('shown', rows.length);
				const asked = new URLSearchParams(location.search);
				document.querySelector('#out').textContent = asked.get('run') + '/' + asked.get('page');
			});
		</script>`)
	})
	server := httptest.NewServer(mux)
	b.Cleanup(server.Close)
	return server.URL
}
