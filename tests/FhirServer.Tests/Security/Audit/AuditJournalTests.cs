using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Tests.Security.Audit;

/// <summary>Rows that wait in a file: none is lost with its process, none of another store or hand is taken, and files go when their rows are stored.</summary>
[Trait("Requirement", "S-51")]
public sealed class AuditJournalTests : IDisposable
{
    private const long Store = 7;

    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("fhir-emr-journal-");
    private readonly AuditSecret secret = AuditSecret.New("audit-1");

    private string Folder => Path.Combine(data.FullName, "audit");

    [Fact]
    public void What_a_process_left_is_taken_up_by_the_next_one_whole_and_in_order()
    {
        Leave([.. Enumerable.Range(1, 50).Select(n => Entry(n))]);

        using var next = Journal();
        var left = next.TakeLeft(Store, [secret], Terms);

        Assert.Equal(Enumerable.Range(1, 50).Select(n => (long)n), left.Select(e => e.Number));
        Assert.All(left, e => Assert.Equal($"Patient/{e.Number}", AuditCodec.Read(e.Body)!.Entity));
        Assert.All(left, e => Assert.Equal([e.Number], e.Items[0].Terms));
        Assert.All(left, e => Assert.True(secret.IsMac(e.Number, e.Body, e.Mac)));
        Assert.Single(Files());
        next.Stored(left.Take(49));
        Assert.Single(Files());
        next.Stored(left.Skip(49));
        Assert.Empty(Files());
    }

    [Fact]
    public void A_process_that_lives_keeps_its_file()
    {
        using var living = Journal();
        Assert.True(living.Append([Entry(1)], Store));
        using var next = Journal();

        Assert.Empty(next.TakeLeft(Store, [secret], Terms));
        Assert.Single(Files());
        Assert.DoesNotContain(Files().Append(Folder), OwnerOnly.IsOpenToOthers);
    }

    [Fact]
    public void Rows_of_another_store_stay_where_they_are()
    {
        Leave([Entry(1)]);

        using var next = Journal();

        Assert.Empty(next.TakeLeft(Store + 1, [secret], Terms));
        Assert.Single(next.TakeLeft(Store, [secret], Terms));
    }

    [Fact]
    public void A_row_cut_off_at_any_byte_ends_the_rows_and_takes_none_with_it()
    {
        Leave([Entry(1), Entry(2)]);
        var whole = File.ReadAllBytes(Files().Single()).AsSpan().TrimEnd((byte)0).ToArray();
        for (var length = whole.Length / 2; length < whole.Length; length++)
        {
            File.WriteAllBytes(Files().Single(), [.. whole[..length], .. new byte[length % 3 * 100]]);
            using var next = Journal();
            var left = next.TakeLeft(Store, [secret], Terms);
            Assert.Equal(1, Assert.Single(left).Number);
            left[0].Part!.Dispose();
        }
    }

    [Fact]
    public void A_row_that_somebody_has_changed_or_made_is_not_taken()
    {
        Leave([Entry(1), Entry(2), Entry(3)]);
        var path = Files().Single();
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf("Patient/2"u8) + 8] = (byte)'7';
        File.WriteAllBytes(path, bytes);

        using var next = Journal();

        Assert.Equal(1, Assert.Single(next.TakeLeft(Store, [secret], Terms)).Number);
    }

    [Fact]
    public void A_full_file_is_followed_by_another_and_goes_when_its_rows_are_stored()
    {
        using var journal = Journal();
        var rows = Enumerable.Range(1, 200).Select(n => Entry(n, query: new string('q', 50_000))).ToList();
        Assert.All(rows, r => Assert.True(journal.Append([r], Store)));
        Assert.Equal(5, Files().Length);

        journal.Stored(rows.SkipLast(1));
        Assert.Single(Files());
        journal.Stored(rows.TakeLast(1));
        Assert.Single(Files());
        journal.Dispose();
        Assert.Empty(Files());
        Assert.False(journal.Append([Entry(1)], Store));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Many_at_once_lose_nothing(bool isMapped)
    {
        using (var journal = Journal(isMapped))
            Parallel.For(1, 2001, n => Assert.True(journal.Append([Entry(n)], Store)));

        using var next = Journal();
        Assert.Equal(Enumerable.Range(1, 2000).Select(n => (long)n), next.TakeLeft(Store, [secret], Terms).Select(e => e.Number).Order());
    }

    [Fact]
    public void A_folder_that_cannot_be_written_leaves_it_to_the_table()
    {
        File.WriteAllText(Folder, "");
        using var journal = Journal();

        Assert.False(journal.Append([Entry(1)], Store));
    }

    public void Dispose() => data.Delete(recursive: true);

    private void Leave(AuditEntry[] entries)
    {
        using var journal = Journal();
        foreach (var entry in entries)
            Assert.True(journal.Append([entry], Store));
    }

    private AuditJournal Journal(bool? isMapped = null) =>
        new(Options.Create(new StorageOptions { DataFolder = data.FullName }), NullLogger<AuditJournal>.Instance) { IsMapped = isMapped };

    private string[] Files() => Directory.GetFiles(Folder);

    private static long[] Terms(AuditRecord record) => [long.Parse(record.Entity!["Patient/".Length..], System.Globalization.CultureInfo.InvariantCulture)];

    private AuditEntry Entry(long number, string? query = null)
    {
        var record = new AuditRecord { Type = "rest", Subtype = "read", Action = 'R', Entity = $"Patient/{number}", Query = query };
        var body = AuditCodec.Write(record);
        return new(number, [new(number, [])], body, secret);
    }
}
