using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.Bench.Scrubbing;

/// <summary><c>bench scrub</c>: how many claims a second of processor time scrubs with all rules and all tables, warm; invented claims of three to fifty lines.</summary>
internal static class ScrubCommand
{
    private static readonly string[] Codes = ["99214", "93000", "20610", "80053", "83036", "36415", "90656", "90471", "J1885", "97110", "71046", "81001"];
    private static readonly string[] Diagnoses = ["I10", "E11.65", "M17.11", "Z79.4", "N18.31", "J06.9"];

    public static Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var seconds = options.Number("seconds", 10);
        var byRule = options.Find("rules") is not null;
        options.RefuseUnknown();
        var scrubber = new Scrubber(new TerminologyService(null, TimeProvider.System), Tables());
        if (byRule)
        {
            foreach (var lines in (int[])[3, 50])
                Profile(lines, TimeSpan.FromSeconds(seconds), ct);
            return Task.FromResult(0);
        }

        Console.WriteLine("lines a claim  claims/s/core   ms of CPU  findings a claim  digest");
        // The whole process is warm first: else the compiler's time is counted to the first size.
        int[] sizes = [3, 6, 12, 50];
        foreach (var lines in sizes)
        {
            var visits = Enumerable.Range(0, 20).Select(n => Invent(n, lines)).ToList();
            for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(2);)
                visits.ForEach(visit => scrubber.Scrub(visit()));
        }

        foreach (var lines in sizes)
            Measure(scrubber, lines, TimeSpan.FromSeconds(seconds), ct);
        return Task.FromResult(0);
    }

    private static void Measure(Scrubber scrubber, int lines, TimeSpan time, CancellationToken ct)
    {
        var visits = Enumerable.Range(0, 20).Select(n => Invent(n, lines)).ToList();
        var (claims, findings) = (0, 0L);
        Run(TimeSpan.FromSeconds(2));
        (claims, findings) = (0, 0);
        var before = Environment.CpuUsage.TotalTime;
        Run(time);
        var taken = (Environment.CpuUsage.TotalTime - before).TotalSeconds; // of the processor: what others use of it meanwhile is not ours
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lines,13}  {claims / taken,13:F0}  {taken * 1000 / claims,10:F3}  {(double)findings / claims,16:F1}  {Digest(scrubber, visits)}"));

        // The graph is made anew for every claim, as a pipeline does; reading it from the records is not counted.
        void Run(TimeSpan until)
        {
            for (var clock = Stopwatch.StartNew(); clock.Elapsed < until; claims++)
            {
                ct.ThrowIfCancellationRequested();
                findings += scrubber.Scrub(visits[claims % visits.Count]()).Count;
            }
        }
    }

    /// <summary>What was found, as twelve digits: a change that was to make scrubbing faster leaves them as they are.</summary>
    private static string Digest(Scrubber scrubber, List<Func<ClaimGraph>> visits) => Convert.ToHexStringLower(
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(visits.Select(visit => scrubber.Scrub(visit())))))[..12];

    /// <summary><c>--rules 1</c>: which rules the time goes to, the dearest first.</summary>
    private static void Profile(int lines, TimeSpan time, CancellationToken ct)
    {
        var rules = RuleBook.Rules(new TerminologyService(null, TimeProvider.System), Tables());
        var visits = Enumerable.Range(0, 20).Select(n => Invent(n, lines)).ToList();
        var ticks = new long[rules.Count + 1];
        var claims = 0;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < time * 2; claims++)
        {
            ct.ThrowIfCancellationRequested();
            if (clock.Elapsed < time)
                Array.Clear(ticks, 0, ticks.Length); // what went before was warming up
            var start = Stopwatch.GetTimestamp();
            var graph = visits[claims % visits.Count]();
            ticks[^1] += Stopwatch.GetTimestamp() - start;
            foreach (var (i, rule) in rules.Index())
            {
                start = Stopwatch.GetTimestamp();
                _ = rule.Check(graph).Count();
                ticks[i] += Stopwatch.GetTimestamp() - start;
            }
        }

        Console.WriteLine($"{lines} lines");
        foreach (var (i, t) in ticks.Index().OrderByDescending(t => t.Item).Take(15))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {(i < rules.Count ? rules[i].Id : "graph"),-10} {100.0 * t / ticks.Sum():F1} %"));
    }

    private static Func<ClaimGraph> Invent(int n, int lines)
    {
        const string day = "2026-03-02";
        var visit = new Encounter
        {
            Id = "visit",
            Status = Encounter.EncounterStatus.Finished,
            Class = new Coding(null, "AMB"),
            Subject = new ResourceReference("Patient/pat"),
            Period = new Period { Start = $"{day}T09:00:00Z", End = $"{day}T09:40:00Z" },
            ServiceProvider = new ResourceReference("Organization/practice"),
        };
        var patient = new Patient
        {
            Id = "pat",
            Name = [new HumanName { Family = "Abara", Given = ["Chidi"] }],
            BirthDate = "1960-01-14",
            Gender = AdministrativeGender.Male,
            Address = [new Address { Line = ["22 Elm Court"], City = "Lawrence", State = "MA", PostalCode = "01840" }],
        };
        var (note, old) = (Note("note", day, n), Note("old", "2026-01-05", n + 1));
        Resource[] related =
        [
            new Organization { Id = "payer", Name = "Acme", Identifier = [new Identifier(BillingUrls.PayerId, "ACME1")] },
            new Organization { Id = "practice", Name = "Practice", Identifier = [new Identifier(BillingUrls.Npi, "1234567893"), new Identifier(BillingUrls.Ein, "521234567")] },
            new Practitioner { Id = "doc", Identifier = [new Identifier(BillingUrls.Npi, "1987654328")] },
            new Coverage { Id = "cov", Status = FinancialResourceStatusCodes.Active, SubscriberId = "A1002003", Payor = [new ResourceReference("Organization/payer")], Type = new CodeableConcept("x", "MB") },
            note,
        ];
        var chart = new EncounterChart(visit, patient, related);
        var claim = new Claim
        {
            Id = $"c{n}",
            Created = "2026-03-03",
            Use = ClaimUseCode.Claim,
            Type = new CodeableConcept("x", "professional"),
            Provider = new ResourceReference("Organization/practice"),
            Identifier = [new Identifier(BillingUrls.PatientControlNumber, $"BENCH{n:0000}")],
            Insurance = [new Claim.InsuranceComponent { Sequence = 1, Focal = true, Coverage = new ResourceReference("Coverage/cov") }],
            CareTeam = [new Claim.CareTeamComponent { Sequence = 1, Provider = new ResourceReference("Practitioner/doc"), Role = CareTeamRoles.Concept(CareTeamRoles.Rendering) }],
            Diagnosis = [.. Diagnoses.Select((d, i) => new Claim.DiagnosisComponent { Sequence = i + 1, Diagnosis = new CodeableConcept(CodeSystemUrls.Icd10Cm, d) })],
            Item = [.. Enumerable.Range(0, lines).Select(i => Line(i, Codes[(n + i) % Codes.Length], day))],
        };
        var earlier = Enumerable.Range(0, 10).Select(i => new Claim
        {
            Id = $"e{i}",
            Provider = claim.Provider,
            CareTeam = claim.CareTeam,
            Item = [.. Enumerable.Range(0, 3).Select(j => Line(j, Codes[(i + j) % Codes.Length], $"2026-01-{i + 1:00}"))],
        }).ToList();
        var history = new ClaimHistory([], earlier, [], []) { Notes = [old], Denials = [new DenialRate("99214", "50", 3, 40)], WireProblems = [] };
        var (sheet, fees, payers) = (new ChargeSheet([], [], []), FeeSchedule.Empty, new PayerDirectory());
        return () => new ClaimGraph(claim, chart, sheet, fees, history, payers);
    }

    private static Claim.ItemComponent Line(int i, string code, string day) => new()
    {
        Sequence = i + 1,
        ProductOrService = new CodeableConcept(char.IsAsciiDigit(code[0]) ? CodeSystemUrls.Cpt : CodeSystemUrls.Hcpcs, code),
        Serviced = new Date(day),
        Quantity = new Quantity { Value = 1 },
        UnitPrice = ClaimBuilder.Usd(100m),
        Net = ClaimBuilder.Usd(100m),
        Location = new CodeableConcept(CodeSystemUrls.PlaceOfService, "11"),
        DiagnosisSequence = [1, 2],
    };

    /// <summary>Three hundred words, which differ from one note to the next in a tenth.</summary>
    private static Composition Note(string id, string day, int n) => new()
    {
        Id = id,
        Status = CompositionStatus.Final,
        Date = day,
        Subject = new ResourceReference("Patient/pat"),
        Encounter = new ResourceReference($"Encounter/{(id == "note" ? "visit" : "other")}"),
        Author = [new ResourceReference("Practitioner/doc")],
        Section = [new Composition.SectionComponent { Title = "History", Text = new Narrative { Div = $"<div>{string.Join(' ', Enumerable.Range(0, 300).Select(w => w % 10 == 0 ? $"w{n}x{w}" : $"word{w}"))}</div>" } }],
    };

    /// <summary>Edits of the size that one practice's codes meet: a hundred thousand pairs in CMS's layout.</summary>
    private static EditTables Tables()
    {
        var pairs = Codes.SelectMany(a => Codes.Where(b => b != a).Select(b => $"{a}\t{b}\t\t20200101\t*\t1\tx"))
            .Concat(Enumerable.Range(0, 100_000).Select(i => $"{10000 + (i / 100)}\t{30000 + (i % 100)}\t\t20200101\t*\t1\tx"));
        var units = Codes.Select(c => $"{c},4,3 Date of Service Edit: Clinical,x");
        var line = new Dictionary<string, string> { ["status"] = "A", ["pctc"] = "0", ["globalDays"] = "XXX", ["work"] = "1", ["nonFacilityPe"] = "1", ["facilityPe"] = "1", ["malpractice"] = "0.1", ["conversionFactor"] = "33.4" };
        return new EditTables(
            PtpTable.Read("bench", new StringReader(string.Join('\n', pairs))),
            [MueTable.Read("bench", new DateOnly(2026, 1, 1), new StringReader(string.Join('\n', units)))],
            AddOnTable.Read("bench", new StringReader("11103\t1\t20190101\t\t11102\n")))
        {
            Fees = new FeeTable("bench", (_, modifier) => modifier.Length == 0 ? line : null),
            Tables = TableNames.All.ToDictionary(name => name, name => ReferenceTable.Read(name, "bench", new StringReader(name == TableNames.DiagnosisNotes
                ? "note,code_prefix,other_prefix\nexcludes1,E11,E10\nuse-additional,E1122,N18\n"
                : "code,policy,diagnosis\n93000,L1,I10\n"))),
        };
    }
}
