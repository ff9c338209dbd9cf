using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Security.Smart.Keys;
using FhirEmr.FhirServer.Security.Smart.Tokens;

namespace FhirEmr.FhirServer.Tests.Security.Smart;

/// <summary>Keys in their folder: made, shared, renewed; and what is remembered of tokens.</summary>
[Trait("Requirement", "S-16")]
[Trait("Requirement", "S-62")]
public sealed class TokenKeyTests : IDisposable
{
    private readonly string folder = Path.Combine(Directory.CreateTempSubdirectory("fhir-emr-keys-").FullName, "keys");
    private readonly SetClock clock = new();

    [Fact]
    public void The_first_use_makes_keys_that_only_the_owner_can_read_and_the_next_start_finds_them()
    {
        var first = Node();
        var (sign, seal) = (first.Ring.Signing.Single(), first.Ring.Sealing.Single());

        Assert.Equal(sign.Kid, Node().Ring.Signing.Single().Kid);
        Assert.Equal(seal.Kid, Node().Ring.Sealing.Single().Kid);
        if (OperatingSystem.IsWindows())
            return;
        foreach (var file in Directory.EnumerateFiles(folder))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A_file_that_others_can_read_is_refused_by_name()
    {
        if (OperatingSystem.IsWindows())
            return;
        var file = Node().Ring.Signing.Single().File;
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        Assert.Contains(file, Assert.Throws<KeyException>(() => Node().Ring).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_key_is_known_before_it_is_used_and_the_old_one_stays_known()
    {
        var (one, other) = (Node(), Node());
        var old = one.Ring.Signing.Single().Kid;
        _ = other.Ring;
        var made = one.Rotate(atOnce: false).Single(k => k.Purpose == KeyPurpose.Sign).Kid;

        Assert.Equal([old, made], one.Ring.Signing.Select(k => k.Kid));
        clock.Now += TimeSpan.FromMinutes(2);
        Assert.Equal([old, made], other.Ring.Signing.Select(k => k.Kid));
        clock.Now += TokenKeys.Notice;
        Assert.Equal([made, old], other.Ring.Signing.Select(k => k.Kid));
        Assert.NotNull(other.Find(old));
    }

    [Fact]
    public void A_key_that_another_node_has_just_begun_to_use_is_found()
    {
        var (one, other) = (Node(), Node());
        _ = (one.Ring, other.Ring);
        clock.Now += TimeSpan.FromSeconds(6);
        var made = one.Rotate(atOnce: true).Single(k => k.Purpose == KeyPurpose.Sign).Kid;

        Assert.NotNull(other.Find(made));
        Assert.Null(other.Find("made-up"));
    }

    [Fact]
    public void Keys_are_renewed_by_themselves_and_forgotten_when_nothing_of_theirs_can_be_left()
    {
        var node = Node();
        var first = node.Ring.Signing.Single().Kid;
        clock.Now += TimeSpan.FromDays(91);
        Assert.Equal(2, node.Ring.Signing.Count);
        clock.Now += TimeSpan.FromDays(92);
        node.Rotate(atOnce: true);

        Assert.DoesNotContain(first, node.Ring.Signing.Select(k => k.Kid));
        Assert.Null(node.Find(first));
    }

    [Fact]
    public void What_was_being_checked_while_something_was_revoked_is_not_remembered()
    {
        var tokens = new ValidatedTokens(clock);
        var (hash, principal) = (TokenHash.Of("a"), new Principal("c", "t", "") { ExpiresAt = clock.Now.AddHours(1) });
        tokens.Keep(hash, principal, tokens.Generation);
        Assert.Same(principal, tokens.Find(hash));
        Assert.Null(tokens.Find(TokenHash.Of("b")));

        var begun = tokens.Generation;
        tokens.Clear();
        tokens.Keep(hash, principal, begun);
        Assert.Null(tokens.Find(hash));
    }

    [Fact]
    public void A_token_is_remembered_for_five_seconds_and_never_beyond_its_end()
    {
        var tokens = new ValidatedTokens(clock);
        tokens.Keep(TokenHash.Of("long"), new Principal("c", "t", "") { ExpiresAt = clock.Now.AddHours(1) }, 0);
        tokens.Keep(TokenHash.Of("short"), new Principal("c", "t", "") { ExpiresAt = clock.Now.AddSeconds(2) }, 0);
        clock.Now += TimeSpan.FromSeconds(3);
        Assert.NotNull(tokens.Find(TokenHash.Of("long")));
        Assert.Null(tokens.Find(TokenHash.Of("short")));
        clock.Now += TimeSpan.FromSeconds(2);
        Assert.Null(tokens.Find(TokenHash.Of("long")));
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);

    private TokenKeys Node() => new(new KeyFolder(folder), new SmartOptions(), clock);

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
