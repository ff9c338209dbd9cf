using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Tests.Documents;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests;

public sealed class PaperPipelineTests
{
    private readonly SmallPractice _practice = new();
    private IReadOnlyList<JournalEntry> _journal = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private PaperPipeline Papers => new(_practice.Records, new FakeTerminology(), new BillingSetup(), SmallPractice.Time, (_, _) => Task.FromResult(_journal));

    [Fact]
    public async Task A_superbill_tells_what_was_done_why_and_for_how_much()
    {
        var billing = new TestBilling();
        await billing.RunAsync();
        var papers = new PaperPipeline(billing.Records, billing.Practice.Terminology, new BillingSetup(), SmallPractice.Time);
        var before = billing.Records.Snapshot;

        var pdf = Pdf(await papers.SuperbillAsync("visit", PaperForm.Pdf, Ct));

        Assert.Equal("Superbill of the visit on 2026-03-02", pdf.Title);
        foreach (var fact in (string[])["Lakeside Family Medicine", "52-1234567", "1987654328", "Chidi Abara", "Acme Health Plan", "A1002003", "I10", "99213"])
            Assert.Contains(fact, pdf.Text, StringComparison.Ordinal);
        Assert.Contains($"Total{billing.TheClaim.Total!.Value:0.00}", pdf.Text.Split('\n'));
        Assert.DoesNotContain("Draft", pdf.Text, StringComparison.Ordinal);
        Assert.Equal(before, billing.Records.Snapshot);
    }

    [Fact]
    public async Task Before_the_claim_a_superbill_is_a_draft_of_the_charges()
    {
        var billing = new TestBilling();
        var papers = new PaperPipeline(billing.Records, billing.Practice.Terminology, new BillingSetup(), SmallPractice.Time);

        var pdf = Pdf(await papers.SuperbillAsync("visit", PaperForm.Pdf, Ct));

        Assert.Contains("Draft: the charges of this visit are not approved yet", pdf.Text, StringComparison.Ordinal);
        Assert.Contains("99213", pdf.Text, StringComparison.Ordinal);
        Assert.IsType<PaperResult.NotFound>(await papers.SuperbillAsync("none", PaperForm.Pdf, Ct));
    }

    [Fact]
    public async Task A_statement_explains_every_line()
    {
        await AnswerAsync();
        var pdf = Pdf(await Papers.StatementAsync("p-a1", PaperForm.Pdf, Ct));
        var html = System.Net.WebUtility.HtmlDecode(Html(await Papers.StatementAsync("p-a1", PaperForm.Html, Ct)));

        Assert.Equal("Statement of Rowan Lee Doe", pdf.Title);
        Assert.Contains("You owe, US dollars25.00", pdf.Text.Split('\n'));
        Assert.Contains("Total150.0055.0070.0025.00", pdf.Text.Split('\n'));
        Assert.Contains("40.00 above the price agreed with your insurance, taken off; 25.00 co-payment for the visit", html, StringComparison.Ordinal);
        Assert.Contains("30.00 precertification absent, not yours to pay", html, StringComparison.Ordinal);
        Assert.Contains("Payments you made are not in it.", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_ledger_the_statement_shows_every_movement_and_its_balance()
    {
        await AnswerAsync();
        _journal =
        [
            Entry(JournalEvent.Adjudication, new(2026, 2, 10), 25m, LedgerAccount.InsuranceReceivable),
            Entry(JournalEvent.PatientPayment, new(2026, 3, 1), -10m, LedgerAccount.Cash),
        ];

        var lines = Pdf(await Papers.StatementAsync("p-a1", PaperForm.Pdf, Ct)).Text.Split('\n');

        Assert.Contains("You owe, US dollars15.00", lines);
        Assert.Contains("2026-02-10your share, by your insurance2026-03-3025.0025.00", lines);
        Assert.Contains("2026-03-01your payment, thank you2026-03-30-10.0015.00", lines);
        Assert.Contains("Open on this visit after all payments: 15.00.", lines);
        Assert.Contains("0.0015.000.000.0015.00", lines); // fifty days
    }

    [Fact]
    public async Task A_balance_from_before_that_was_taken_back_is_no_credit()
    {
        _practice.AddClaim("a1");
        var entered = OpeningBalance.Entry("k", "p-a1", null, 30m, 0m, new(2026, 2, 10), "ann")!;
        _journal = [entered, OpeningBalance.Undone(entered, new(2026, 3, 1), "ann")];

        var lines = Pdf(await Papers.StatementAsync("p-a1", PaperForm.Pdf, Ct)).Text.Split('\n');

        Assert.Contains("2026-02-10owed from before30.0030.00", lines);
        Assert.Contains("2026-03-01what was owed from before was taken back-30.000.00", lines);
    }

    [Fact]
    public async Task The_secondary_payers_answer_is_told_on_the_same_lines()
    {
        await AnswerAsync();
        void Visit(Claim c) => c.Item.ForEach(i => i.Encounter = [new ResourceReference("Encounter/v")]);
        var first = _practice.Records.Get<Claim>("a1");
        Visit(first);
        _practice.Records.Put(first);
        _practice.AddClaim("b1", change: c =>
        {
            Visit(c);
            c.Patient = new ResourceReference("Patient/p-a1");
            c.Insurance[0].Sequence = 2;
        });
        _practice.SetStage("b1", ClaimStage.Submitted);
        await PostAsync("PCNB1", "2", "20", ["SVC*HC:99213:25*120*20**1", "CAS*PR*2*5", "CAS*OA*23*95", "REF*6R*PCNB1-1", "SVC*HC:87880*30*0**1", "CAS*OA*23*30", "REF*6R*PCNB1-2"], "*5", trace: "E2");

        var lines = Pdf(await Papers.StatementAsync("p-a1", PaperForm.Pdf, Ct)).Text.Split('\n');

        Assert.Contains("You owe, US dollars5.00", lines);
        Assert.Contains("Total150.0075.0070.005.00", lines);
    }

    [Fact]
    public async Task A_patient_without_bills_owes_nothing()
    {
        _practice.AddClaim("a1"); // ready, but not sent

        Assert.Contains("Nothing is due.", Pdf(await Papers.StatementAsync("p-a1", PaperForm.Pdf, Ct)).Text, StringComparison.Ordinal);
        Assert.IsType<PaperResult.NotFound>(await Papers.StatementAsync("none", PaperForm.Pdf, Ct));
    }

    [Fact]
    public async Task A_packet_is_letter_decision_and_records()
    {
        _practice.Records.Put(new Encounter { Id = "visit", Status = Encounter.EncounterStatus.Finished, Subject = new ResourceReference("Patient/p-a1"), Class = new Coding("x", "AMB") });
        _practice.Records.Put(new Composition
        {
            Id = "note",
            Status = CompositionStatus.Final,
            Title = "Visit note",
            Date = "2026-03-30",
            Subject = new ResourceReference("Patient/p-a1"),
            Author = [new ResourceReference("Practitioner/doctor")],
            Encounter = new ResourceReference("Encounter/visit"),
            Section = [TestPractice.Section("Assessment and plan", "Throat pain for nine days."), TestPractice.Section("Examination", "Tonsils red.")],
        });
        await AnswerAsync(c => c.Item.ForEach(i => i.Encounter = [new ResourceReference("Encounter/visit")]));
        var denial = _practice.Records.All<FhirTask>().Single(t => DenialTask.CategoryOf(t) is not null);
        var appeal = Assert.IsType<DenialResult.Done>(await new DenialPipeline(_practice.Records, new BillingSetup(), SmallPractice.Time).AppealAsync(denial.Id!, new("The order was urgent.", null, null, null), "Kim", Ct)).Task;

        var pdf = Pdf(await Papers.AppealPacketAsync(appeal.Id!, PaperForm.Pdf, Ct));

        Assert.Equal(3, pdf.Pages.Count);
        Assert.Contains("Reason: The order was urgent.", pdf.Pages[0]);
        Assert.Contains("Enclosed:", pdf.Pages[0]);
        Assert.Contains("The decision appealed", pdf.Pages[1]);
        Assert.Contains("Payer's claim numberFM9001", pdf.Pages[1]);
        Assert.Contains("28788030.000.00CO-197 30.00 precertification absent", pdf.Pages[1]);
        Assert.Contains("Visit note", pdf.Pages[2]);
        Assert.Contains("AuthorAlba Núñez", pdf.Pages[2]);
        Assert.Contains("Tonsils red.", pdf.Pages[2]);
        Assert.IsType<PaperResult.Refused>(await Papers.AppealPacketAsync(denial.Id!, PaperForm.Pdf, Ct));
        Assert.IsType<PaperResult.NotFound>(await Papers.AppealPacketAsync("none", PaperForm.Pdf, Ct));
    }

    [Fact]
    public async Task An_enclosure_that_is_no_text_is_refused_in_words()
    {
        await AnswerAsync();
        _practice.Records.Put(new DocumentReference
        {
            Id = "scan",
            Status = DocumentReferenceStatus.Current,
            Subject = new ResourceReference("Patient/p-a1"),
            Content = [new DocumentReference.ContentComponent { Attachment = new Attachment { ContentType = "image/jpeg", Data = [1, 2, 3] } }],
        });
        var denial = _practice.Records.All<FhirTask>().Single(t => DenialTask.CategoryOf(t) is not null);
        var appeal = Assert.IsType<DenialResult.Done>(await new DenialPipeline(_practice.Records, new BillingSetup(), SmallPractice.Time).AppealAsync(denial.Id!, new(null, null, null, ["DocumentReference/scan"]), "Kim", Ct)).Task;

        Assert.Contains("DocumentReference/scan is enclosed", Assert.IsType<PaperResult.Refused>(await Papers.AppealPacketAsync(appeal.Id!, PaperForm.Pdf, Ct)).Why, StringComparison.Ordinal);
    }

    private static JournalEntry Entry(JournalEvent what, DateOnly day, decimal usd, LedgerAccount other) => new()
    {
        Key = $"{what}",
        Event = what,
        PostedOn = day,
        Claim = "Claim/a1",
        Patient = "Patient/p-a1",
        Lines = [new JournalLine(LedgerAccount.PatientReceivable, usd), new JournalLine(other, -usd)],
    };

    /// <summary>120 billed: 55 paid, 40 off, 25 the patient's; 30 billed and denied.</summary>
    private async Task AnswerAsync(Action<Claim>? change = null)
    {
        _practice.AddClaim("a1", change: change);
        _practice.SetStage("a1", ClaimStage.Submitted);
        await PostAsync("PCNA1", "1", "55", ["SVC*HC:99213:25*120*55**1", "CAS*CO*45*40", "CAS*PR*3*25", "REF*6R*PCNA1-1", "SVC*HC:87880*30*0**1", "CAS*CO*197*30", "REF*6R*PCNA1-2"], "*25", trace: "E1");
    }

    private async Task PostAsync(string number, string status, string paid, string[] lines, string patient, string trace)
    {
        var file = Fixtures.File835(
        [
            $"BPR*I*{paid}*C*ACH************20260420", $"TRN*1*{trace}*1600000001", "DTM*405*20260420", "N1*PR*FIRST MUTUAL*XV*FM001", "N1*PE*HILLTOP CLINIC*XX*1234567893", "LX*1",
            $"CLP*{number}*{status}*150*{paid}{patient}*CI*FM9001*11*1", .. lines,
        ]);
        await _practice.Remittance().PostAsync(new MemoryStream(Encoding.ASCII.GetBytes(file)), Ct);
    }

    private static PdfText Pdf(PaperResult result)
    {
        var written = Assert.IsType<PaperResult.Written>(result);
        Assert.Equal("application/pdf", written.ContentType);
        var tags = PdfTags.Read(written.Content);
        Assert.True(tags.IsMarked);
        Assert.Equal("", tags.Unheard);
        Assert.Single(tags.Lines, l => l.StartsWith(" H1 ", StringComparison.Ordinal));
        Assert.Empty(PdfUa.Check(written.Content));
        return new PdfText(written.Content);
    }

    [Fact]
    public async Task Every_paper_as_html_is_readable_by_ear()
    {
        await AnswerAsync();
        var billing = new TestBilling();
        await billing.RunAsync();
        var papers = new PaperPipeline(billing.Records, billing.Practice.Terminology, new BillingSetup(), SmallPractice.Time);
        var denial = _practice.Records.All<FhirTask>().Single(t => DenialTask.CategoryOf(t) is not null);
        Assert.IsType<DenialResult.Done>(await new DenialPipeline(_practice.Records, new BillingSetup(), SmallPractice.Time).AppealAsync(denial.Id!, new AppealRequest(null, null, "Please look again.", []), "Bea", Ct));
        var appeal = _practice.Records.All<FhirTask>().Single(t => t.Code!.Coding[0].Code == "appeal");

        foreach (var html in (string[])
        [
            Html(await papers.SuperbillAsync("visit", PaperForm.Html, Ct)), Html(await papers.Cms1500Async(billing.TheClaim.Id!, PaperForm.Html, false, Ct)),
            Html(await Papers.StatementAsync("p-a1", PaperForm.Html, Ct)), Html(await Papers.AppealPacketAsync(appeal.Id!, PaperForm.Html, Ct)),
        ])
        {
            var page = System.Xml.Linq.XDocument.Parse(html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal).Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal)
                .Replace("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", "", StringComparison.Ordinal)).Root!;
            Assert.Equal("en-US", page.Attribute("lang")?.Value);
            Assert.NotEqual("", page.Descendants("title").Single().Value);
            Assert.Single(page.Descendants("main"));
            var levels = page.Descendants().Select(e => e.Name.LocalName).Where(n => n is ['h', >= '1' and <= '6']).Select(n => n[1] - '0').ToList();
            Assert.Equal(1, levels[0]);
            Assert.Equal(1, levels.Count(l => l == 1));
            Assert.All(levels.Zip(levels.Skip(1)), p => Assert.True(p.Second <= p.First + 1, $"h{p.First} is followed by h{p.Second}."));
            Assert.All(page.Descendants("table"), t => Assert.NotEqual("", t.Element("caption")?.Value ?? ""));
            Assert.All(page.Descendants("th"), t => Assert.True(t.Attribute("scope")?.Value is "col" or "row"));
            Assert.All(page.Descendants("tr"), r => Assert.NotEmpty(r.Elements("th")));
            Assert.All(page.Descendants("img"), i => Assert.NotEqual("", i.Attribute("alt")?.Value ?? ""));
        }
    }

    private static string Html(PaperResult result) => Encoding.UTF8.GetString(Assert.IsType<PaperResult.Written>(result).Content);
}
