using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>The counters of one sender towards one receiver, kept in a Basic of the same store as the claims, so that they move in the same transaction.</summary>
internal static class ControlNumbers
{
    private const int LastNineDigits = 999_999_999;
    private static readonly string[] Counters = [InterchangeUrls.LastInterchange, InterchangeUrls.LastGroup, InterchangeUrls.LastBatch];

    /// <summary>The key of the counters, and of the numbers they gave out: our id alone towards the receiver of our claims, with theirs towards anybody else.</summary>
    public static string KeyOf(InterchangeOptions options, string ourId, string receiverId) =>
        string.Equals(receiverId, options.ReceiverId, StringComparison.OrdinalIgnoreCase) && ourId == options.SenderId ? ourId : $"{ourId}/{receiverId}";

    /// <summary>The counters as they are now; made with zeros when the sender is new. Null when the store refuses them.</summary>
    /// <remarks>Creating and counting are two transactions: a conditional create that finds the resource would not count.</remarks>
    public static async Task<Basic?> ReadAsync(IFhirRecords records, string senderId, CancellationToken ct)
    {
        for (var attempt = 0; attempt < 2; attempt++)
        {
            await foreach (var found in records.SearchAsync<Basic>(Query(senderId), ct))
                return found;

            var create = new FhirTransaction();
            create.CreateOnce(await NewAsync(records, senderId, ct), InterchangeUrls.ControlNumbers, senderId);
            await records.CommitAsync(create.Bundle, ct);
        }

        return null;
    }

    // A receiver who was the only one once has seen the numbers of the key without a receiver: a new key counts on from there.
    private static async Task<Basic> NewAsync(IFhirRecords records, string key, CancellationToken ct)
    {
        var basic = New(key);
        if (key.Split('/') is not [var ourId, _])
            return basic;
        await foreach (var before in records.SearchAsync<Basic>(Query(ourId), ct))
        {
            foreach (var url in Counters)
                basic.SetExtension(url, new Integer(before.GetExtensionValue<Integer>(url)?.Value ?? 0));
        }

        return basic;
    }

    /// <summary>The counters moved on by one file; the Basic given in is not touched.</summary>
    public static (Basic Counters, FileNumbers Numbers) Next(Basic basic)
    {
        var next = (Basic)basic.DeepCopy();
        var numbers = new FileNumbers(
            Increment(next, InterchangeUrls.LastInterchange), Increment(next, InterchangeUrls.LastGroup), Increment(next, InterchangeUrls.LastBatch));
        return (next, numbers);
    }

    private static int Increment(Basic basic, string url)
    {
        var last = basic.GetExtensionValue<Integer>(url)?.Value ?? 0;
        var next = last >= LastNineDigits ? 1 : last + 1; // a thousand million files are more than 24 months
        basic.SetExtension(url, new Integer(next));
        return next;
    }

    private static string Query(string senderId) => BillingKey.Query(InterchangeUrls.ControlNumbers, senderId);

    private static Basic New(string senderId)
    {
        var basic = new Basic
        {
            Identifier = [new Identifier(InterchangeUrls.ControlNumbers, senderId)],
            Code = new CodeableConcept { Text = "X12 control numbers" },
        };
        foreach (var url in Counters)
            basic.SetExtension(url, new Integer(0));
        return basic;
    }
}

/// <summary>The numbers of one file.</summary>
internal sealed record FileNumbers(int InterchangeNumber, int GroupNumber, int BatchNumber)
{
    /// <summary>ISA13, nine digits.</summary>
    public string Interchange => InterchangeNumber.ToString("000000000", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>GS06.</summary>
    public string Group => GroupNumber.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>BHT03.</summary>
    public string Batch => $"B{BatchNumber.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    /// <summary>The file's name is its control number (reliability R-22).</summary>
    public string FileName => $"837P-{Interchange}.x12";

    /// <summary>REF*D9 of the nth claim, at most twenty characters.</summary>
    public string Trace(int claim) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"T{Interchange}-{claim}");
}
