using System.Text;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Documents;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>The journal entries of one patient, <c>Patient/id</c>; empty when no ledger is kept.</summary>
public delegate Task<IReadOnlyList<JournalEntry>> PatientJournal(string patient, CancellationToken ct);

/// <summary>Papers for people: superbill, CMS-1500, statement, appeal packet. They only read; nothing is stored.</summary>
/// <param name="journal">Where the statement's balances come from; null when no ledger is kept.</param>
public sealed class PaperPipeline(IFhirRecords records, ITerminology terminology, BillingSetup setup, TimeProvider clock, PatientJournal? journal = null)
{
    private static readonly string[] NotBilled = [ClaimStage.Draft, ClaimStage.ScrubFailed, ClaimStage.Ready, ClaimStage.Replaced, ClaimStage.Voided];

    /// <summary>What a visit cost: its claims, one for each first payer, or its charges as they would be billed now.</summary>
    public async Task<PaperResult> SuperbillAsync(string encounterId, PaperForm form, CancellationToken ct)
    {
        if (await records.ReadChartAsync(encounterId, ct) is not { } chart)
            return new PaperResult.NotFound();

        var claims = FirstClaims(chart, $"Encounter/{encounterId}");
        if (claims.Count > 0)
        {
            var parts = new List<SuperbillPart>();
            foreach (var claim in claims)
            {
                var paid = claim.Info(SupportingInfo.PatientPaid).Sum(i => (i.Value as Quantity)?.Value ?? 0m);
                parts.Add(new SuperbillPart(await PaperSources.GatherAsync(records, claim, ct), Superbill.Lines(claim), [.. claim.WrittenDiagnoses().Select(Diagnosis)], paid));
            }

            return Write(Superbill.Of(parts, encounterId, isDraft: claims.Exists(IsDraft)), form);
        }

        if (await new ClaimWork(records, terminology, setup).GatherAsync(chart, null, ct) is not { } gathered || gathered.Sheet.Lines.Count == 0)
            return new PaperResult.Refused("Nothing chargeable is documented for this visit yet, so there is no superbill.");
        var sheet = gathered.Sheet;
        var draft = ClaimBuilder.Build(chart, sheet, [.. sheet.Lines.Select(l => $"ChargeItem/{l.ChargeItemId ?? "none"}")], DateOnly.FromDateTime(clock.GetUtcNow().DateTime));
        return Write(
            Superbill.Of([new SuperbillPart(await PaperSources.GatherAsync(records, draft, ct), Superbill.Lines(sheet), [.. sheet.Diagnoses.Select(d => (d.Code, d.Display))], 0m)], encounterId, isDraft: true), form);
    }

    /// <summary>The claims that say what was done, each service once: not those to a later payer, nor what was replaced or voided, nor a correction before it is approved.</summary>
    private static List<Claim> FirstClaims(EncounterChart chart, string encounter)
    {
        var claims = chart.OfType<Claim>()
            .Where(c => c.Status is not (FinancialResourceStatusCodes.Cancelled or FinancialResourceStatusCodes.EnteredInError) && c.Item.Exists(i => i.Encounter.Exists(e => e.Reference == encounter)))
            .Where(c => c.Stage() is not (ClaimStage.Replaced or ClaimStage.Voided) && c.Frequency() != SuccessorClaim.Void && !NextClaim.Follows(c))
            .OrderBy(c => c.Created, StringComparer.Ordinal).ThenBy(c => c.Id, StringComparer.Ordinal).ToList();
        var there = claims.Select(c => $"Claim/{c.Id}").ToHashSet();
        var approved = claims.FindAll(c => !(IsDraft(c) && SuccessorClaim.OriginalOf(c) is { } original && there.Contains(original)));
        var corrected = approved.Select(SuccessorClaim.OriginalOf).ToHashSet();
        return approved.FindAll(c => !corrected.Contains($"Claim/{c.Id}"));
    }

    private static bool IsDraft(Claim claim) => claim.Stage() is ClaimStage.Draft or ClaimStage.ScrubFailed;

    /// <summary>The values of the CMS-1500; as PDF either readable, or the characters for a bought form.</summary>
    public async Task<PaperResult> Cms1500Async(string claimId, PaperForm form, bool forBoughtForm, CancellationToken ct)
    {
        if (await records.ReadAsync<Claim>(claimId, ct) is not { } claim)
            return new PaperResult.NotFound();
        if (claim.Type?.HasAny("professional") != true)
            return new PaperResult.Refused("A CMS-1500 is for professional claims; this one is of another type.");
        if (claim.Item.Count == 0)
            return new PaperResult.Refused("The claim has no service lines.");

        var forms = Cms1500Builder.Build(await PaperSources.GatherAsync(records, claim, ct));
        var number = claim.PatientControlNumber() ?? claim.Id!;
        return forBoughtForm && form == PaperForm.Pdf
            ? new PaperResult.Written("application/pdf", Cms1500Papers.Form(forms, number))
            : Write(Cms1500Papers.Readable(forms, number), form);
    }

    /// <summary>A patient's account.</summary>
    public async Task<PaperResult> StatementAsync(string patientId, PaperForm form, CancellationToken ct)
    {
        if (await records.ReadAsync<Patient>(patientId, ct) is not { } patient)
            return new PaperResult.NotFound();

        var reference = $"Patient/{patientId}";
        var claims = (await ListAsync<Claim>($"patient={reference}", ct))
            .FindAll(c => c.Use == ClaimUseCode.Claim && c.Status == FinancialResourceStatusCodes.Active && c.Stage() is { } stage && !NotBilled.Contains(stage));
        var responses = await ListAsync<ClaimResponse>($"patient={reference}", ct);
        var practice = await new FhirReferences(records).FindAsync<Organization>(claims.Select(c => c.Provider).FirstOrDefault() ?? patient.ManagingOrganization, ct);
        var entries = journal is null ? [] : await journal(reference, ct);
        return Write(Statement.Of(new StatementSources(patient, practice, claims, responses, entries, DateOnly.FromDateTime(clock.GetUtcNow().DateTime))), form);
    }

    /// <summary>Letter, decision and enclosed records of an appeal.</summary>
    public async Task<PaperResult> AppealPacketAsync(string taskId, PaperForm form, CancellationToken ct)
    {
        if (await records.ReadAsync<FhirTask>(taskId, ct) is not { } task)
            return new PaperResult.NotFound();
        if (!AppealTask.Is(task))
            return new PaperResult.Refused("Only an appeal has a packet: open it with Task/$appeal on the denial.");

        var references = new FhirReferences(records);
        if (await references.FindAsync<Claim>(task.Focus, ct) is not { } claim)
            return new PaperResult.Refused("The claim of this appeal is not here any more.");
        if (await LetterAsync(references, task, ct) is not { } letter)
            return new PaperResult.Refused("The letter of this appeal is not here any more, or is no text.");
        var enclosures = new List<PacketEnclosure>();
        foreach (var name in DenialInputs.Attachments(task))
        {
            if (await EnclosureAsync(references, new ResourceReference(name), ct) is not { } enclosure)
                return new PaperResult.Refused($"{name} is enclosed by the letter, but cannot be printed: it is gone, or is no text. Send it beside the packet, or take it out of the appeal.");
            enclosures.Add(enclosure);
        }

        var response = await references.FindAsync<ClaimResponse>(task.ReasonReference, ct);
        return Write(AppealPacket.Of(new PacketSources(task, claim, letter, response, enclosures)), form);
    }

    private static PaperResult.Written Write(Paper paper, PaperForm form) => form == PaperForm.Html
        ? new PaperResult.Written("text/html; charset=utf-8", Encoding.UTF8.GetBytes(PaperHtml.Write(paper)))
        : new PaperResult.Written("application/pdf", PaperPdf.Write(paper));

    private static (string Code, string? Words) Diagnosis(Claim.DiagnosisComponent diagnosis)
    {
        var concept = (CodeableConcept)diagnosis.Diagnosis!;
        return (diagnosis.DiagnosisCode()!, concept.Coding.Find(c => c.Display is { Length: > 0 })?.Display ?? concept.Text);
    }

    private async Task<string?> LetterAsync(FhirReferences references, FhirTask task, CancellationToken ct) =>
        await references.FindAsync<DocumentReference>(DenialInputs.Letter(task) is { } name ? new ResourceReference(name) : null, ct) is { } document
            ? await TextAsync(document, ct)
            : null;

    /// <summary>A document's text; null when its content is none.</summary>
    private async Task<string?> TextAsync(DocumentReference document, CancellationToken ct)
    {
        var attachment = document.Content.FirstOrDefault()?.Attachment;
        var (type, data) = (attachment?.ContentType, attachment?.Data);
        if (data is null && FhirReferences.IdOf(attachment?.Url, "Binary") is { } id && await records.ReadAsync<Binary>(id, ct) is { } binary)
            (type, data) = (binary.ContentType, binary.Data ?? binary.Content);
        if (data is null || type is null)
            return null;
        var text = Encoding.UTF8.GetString(data).ReplaceLineEndings("\n");
        return type.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) ? AppealLetter.Plain(text)
            : type.StartsWith("text/plain", StringComparison.OrdinalIgnoreCase) ? text
            : null;
    }

    private async Task<PacketEnclosure?> EnclosureAsync(FhirReferences references, ResourceReference reference, CancellationToken ct)
    {
        if (await references.FindAsync<Composition>(reference, ct) is { } note)
        {
            var author = await references.FindAsync<Practitioner>(note.Author.FirstOrDefault(), ct);
            return new PacketEnclosure(
                note.Title is { Length: > 0 } title ? title : note.Type?.Text ?? "Note",
                [("Date", note.Date ?? ""), ("Author", PaperWords.Name(author)), ("Status", note.Status?.ToString().ToLowerInvariant() ?? "")],
                [.. Sections(note.Section)]);
        }

        if (await references.FindAsync<DiagnosticReport>(reference, ct) is { } report)
        {
            return new PacketEnclosure(
                report.Code?.Text ?? report.Code?.Coding.FirstOrDefault()?.Display ?? "Report",
                [("Date", (report.Effective as FhirDateTime)?.Value ?? ""), ("Status", report.Status?.ToString().ToLowerInvariant() ?? "")],
                [("Conclusion", report.Conclusion ?? ""), ("", AppealLetter.Plain(report.Text?.Div ?? ""))]);
        }

        return await references.FindAsync<DocumentReference>(reference, ct) is { } document && await TextAsync(document, ct) is { } text
            ? new PacketEnclosure(document.Description ?? document.Type?.Text ?? "Document", [("Date", document.Date?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) ?? "")], [("", text)])
            : null;
    }

    private static IEnumerable<(string Title, string Text)> Sections(IEnumerable<Composition.SectionComponent> sections) => sections.SelectMany(s =>
        ((string Title, string Text)[])[(s.Title ?? s.Code?.Text ?? "", AppealLetter.Plain(s.Text?.Div ?? "")), .. Sections(s.Section)]).Where(s => s.Title.Length > 0 || s.Text.Length > 0);

    private async Task<List<T>> ListAsync<T>(string query, CancellationToken ct)
        where T : Resource
    {
        var found = new List<T>();
        await foreach (var resource in records.SearchAsync<T>(query, ct))
            found.Add(resource);
        return found;
    }
}
