using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ledger;

/// <summary>A journal entry as FHIR keeps it: a <c>Basic</c> with the patient as subject and the posting date as created (docs/adr/0019).</summary>
public static class JournalBasic
{
    private const string Account = "account";
    private const string Amount = "amount";
    private const string Item = "item";
    private const string Reason = "reason";

    public static bool IsEntry(Basic basic) => basic.Code?.Coding.Exists(c => c is { System: LedgerUrls.Ledger, Code: LedgerUrls.EntryCode }) == true;

    public static Basic ToBasic(JournalEntry entry)
    {
        var basic = new Basic
        {
            Identifier = [new Identifier(BillingUrls.IdempotencyKey, entry.Key)],
            Code = new CodeableConcept(LedgerUrls.Ledger, LedgerUrls.EntryCode),
            Subject = entry.Patient is { } patient ? new ResourceReference(patient) : null,
            Created = entry.PostedOn.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
        basic.AddExtension(LedgerUrls.Event, new Code(LedgerCodes.Code(entry.Event)));
        if (entry.Claim is { } claim)
            basic.AddExtension(LedgerUrls.Claim, new ResourceReference(claim));
        if (entry.Source is { } source)
            basic.AddExtension(LedgerUrls.Source, new ResourceReference(source));
        if (entry.EnteredBy is { } who)
            basic.AddExtension(LedgerUrls.EnteredBy, new FhirString(who));
        if (entry.Note is { } note)
            basic.AddExtension(LedgerUrls.Note, new FhirString(note));
        basic.Extension.AddRange(entry.Lines.Select(ToExtension));
        return basic;
    }

    /// <summary>The entry a Basic holds.</summary>
    /// <exception cref="InvalidDataException">It is none, or an altered one: what it says of money must not be passed over in silence.</exception>
    public static JournalEntry Parse(Basic basic)
    {
        var (entry, fault) = Read(basic);
        return entry ?? throw new InvalidDataException($"Basic/{basic.Id} is no journal entry: {fault}");
    }

    /// <summary>What keeps a Basic from being a journal entry, as a sentence; null when nothing does.</summary>
    public static string? Fault(Basic basic) => Read(basic).Fault;

    /// <summary>The entry a Basic holds; null when it is something else, or no whole entry.</summary>
    public static JournalEntry? Find(Basic basic) => IsEntry(basic) ? Read(basic).Entry : null;

    private static (JournalEntry? Entry, string? Fault) Read(Basic basic)
    {
        if (!IsEntry(basic))
            return (null, $"Its code is not {LedgerUrls.EntryCode} of {LedgerUrls.Ledger}.");
        if (basic.Identifier.Find(i => i.System == BillingUrls.IdempotencyKey)?.Value is not { Length: > 0 } key)
            return (null, $"It has no identifier of system {BillingUrls.IdempotencyKey}, by which the same event is entered once.");
        if (LedgerCodes.Event(basic.GetExtensionValue<Code>(LedgerUrls.Event)?.Value) is not { } journalEvent)
            return (null, $"Its extension {LedgerUrls.Event} names no event of the journal.");
        if (DateOfService.From(basic.Created) is not { } posted)
            return (null, "Basic.created, the posting date, is missing or no day.");

        var lines = new List<JournalLine>();
        foreach (var line in basic.Extension.Where(e => e.Url == LedgerUrls.Line))
        {
            if (LedgerCodes.Account(line.GetExtensionValue<Code>(Account)?.Value) is not { } account)
                return (null, $"Line {lines.Count + 1} names no account of the ledger.");
            if (line.GetExtensionValue<Money>(Amount) is not { Value: { } amount, Currency: null or Money.Currencies.USD })
                return (null, $"Line {lines.Count + 1} has no amount in US dollars.");
            lines.Add(new JournalLine(account, amount, line.GetExtensionValue<PositiveInt>(Item)?.Value, line.GetExtensionValue<FhirString>(Reason)?.Value));
        }

        if (JournalEntry.Fault(lines) is { } fault)
            return (null, fault);
        return (new JournalEntry
        {
            Key = key,
            Event = journalEvent,
            PostedOn = posted,
            Claim = basic.GetExtensionValue<ResourceReference>(LedgerUrls.Claim)?.Reference,
            Patient = basic.Subject?.Reference,
            Source = basic.GetExtensionValue<ResourceReference>(LedgerUrls.Source)?.Reference,
            EnteredBy = basic.GetExtensionValue<FhirString>(LedgerUrls.EnteredBy)?.Value,
            Note = basic.GetExtensionValue<FhirString>(LedgerUrls.Note)?.Value,
            Lines = lines,
        }, null);
    }

    private static Extension ToExtension(JournalLine line)
    {
        var extension = new Extension { Url = LedgerUrls.Line };
        extension.AddExtension(Account, new Code(LedgerCodes.Code(line.Account)));
        extension.AddExtension(Amount, new Money { Value = line.AmountUsd, Currency = Money.Currencies.USD });
        if (line.Item is { } item)
            extension.AddExtension(Item, new PositiveInt(item));
        if (line.Reason is { } reason)
            extension.AddExtension(Reason, new FhirString(reason));
        return extension;
    }
}
