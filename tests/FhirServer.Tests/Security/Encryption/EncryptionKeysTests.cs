using System.Security.Cryptography;
using System.Text;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Encryption;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.FhirServer.Tests.Security.Encryption;

/// <summary>Keys of what is encrypted at rest: made once, wrapped, rotated, and refused when they are not the right ones (security S-61, S-62).</summary>
public sealed class EncryptionKeysTests : IDisposable
{
    private const string Purpose = "test";

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("fhir-emr-encryption-");

    private string Folder => Path.Combine(root.FullName, "keys");

    private string DataKeys => Path.Combine(Folder, "data-keys.json");

    [Fact]
    public void The_first_start_makes_keys_that_only_the_owner_can_read_and_the_next_finds_them()
    {
        var first = Keys().Newest;

        var again = Keys().Newest;

        Assert.Equal((first.Id, Convert.ToHexString(first.Key)), (again.Id, Convert.ToHexString(again.Key)));
        Assert.Equal(["data-keys.json", "key-encryption.key", "key-encryption.lock"], Directory.GetFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Directory.GetFiles(Folder).Append(Folder), OwnerOnly.IsOpenToOthers);
        Assert.DoesNotContain(Convert.ToBase64String(first.Key), File.ReadAllText(DataKeys), StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_that_start_together_agree_on_the_keys()
    {
        for (var round = 0; round < 20; round++)
        {
            if (Directory.Exists(Folder))
                Directory.Delete(Folder, recursive: true);
            using var together = new Barrier(8);
            var keys = new string[together.ParticipantCount];
            var nodes = keys.Select((_, i) => new Thread(() =>
            {
                together.SignalAndWait();
                keys[i] = Convert.ToHexString(Keys().Newest.Key);
            })).ToArray();
            foreach (var node in nodes)
                node.Start();
            foreach (var node in nodes)
                node.Join();

            Assert.Single(keys.Distinct());
        }
    }

    [Fact]
    public void A_rotation_wraps_anew_and_what_runs_meanwhile_goes_on()
    {
        var running = Keys();
        var (data, before) = (running.Newest, running.Wrapping.Id);

        var rotation = Keys().Rotate();

        Assert.NotEqual(before, rotation.By);
        Assert.Equal(1, rotation.DataKeys);
        Assert.Contains(rotation.By, File.ReadAllText(DataKeys), StringComparison.Ordinal);
        Assert.DoesNotContain(before, File.ReadAllText(DataKeys), StringComparison.Ordinal);
        Assert.Equal(data.Key, Keys().Newest.Key);
        Assert.Equal(data.Key, running.FindDataKey(data.Id)!.Key);
        Assert.Equal(rotation.By, running.Wrapping.Id);
        Assert.NotNull(Keys().FindKeyEncryptionKey(before)); // a copy of the files from before can be put back
    }

    [Fact]
    public void Another_key_or_none_is_refused_with_the_one_that_is_needed()
    {
        var needed = Keys().Wrapping.Id;
        var file = Path.Combine(Folder, "key-encryption.key");
        var other = KeyEncryptionKey.New();
        File.WriteAllText(file, other.Text);

        var wrong = Assert.Throws<EncryptionException>(Keys().Start).Message;
        File.Delete(file);
        var missing = Assert.Throws<EncryptionException>(Keys().Start).Message;

        Assert.Contains(needed, wrong, StringComparison.Ordinal);
        Assert.Contains(other.Id, wrong, StringComparison.Ordinal);
        Assert.Contains("put that key back", wrong, StringComparison.Ordinal);
        Assert.Contains($"{needed}, and {file} holds none", missing, StringComparison.Ordinal);
        Assert.False(File.Exists(file)); // a new key would hide that the old one is gone
    }

    [Fact]
    public void The_key_may_come_from_the_settings_and_move_there_from_the_file()
    {
        var data = Keys().Newest.Key;
        var own = KeyEncryptionKey.New();
        var configured = new EncryptionOptions { Key = own.Text };

        Assert.Equal(own.Id, Keys(configured).Rotate().By);
        File.Delete(Path.Combine(Folder, "key-encryption.key"));

        Assert.Equal(data, Keys(configured).Newest.Key);
        var next = KeyEncryptionKey.New();
        Assert.Throws<EncryptionException>(Keys(new() { Key = next.Text }).Start);
        var both = new EncryptionOptions { Key = next.Text, OldKeys = own.Text };
        Assert.Equal(data, Keys(both).Newest.Key);
        Assert.Equal(next.Id, Keys(both).Rotate().By);
        Assert.Equal(data, Keys(new() { Key = next.Text }).Newest.Key);
        Assert.False(File.Exists(Path.Combine(Folder, "key-encryption.key")));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("AAAA")]
    public void What_is_no_key_is_refused(string text)
    {
        Assert.Contains("Encryption:Key", Assert.Throws<EncryptionException>(Keys(new() { Key = text }).Start).Message, StringComparison.Ordinal);
        Keys().Start();
        File.WriteAllText(Path.Combine(Folder, "key-encryption.key"), text);
        Assert.Contains("key-encryption.key", Assert.Throws<EncryptionException>(Keys().Start).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_others_can_read_is_refused_by_name()
    {
        if (OperatingSystem.IsWindows())
            return;
        Keys().Start();
        var file = Path.Combine(Folder, "key-encryption.key");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        Assert.Contains(file, Assert.Throws<EncryptionException>(Keys().Start).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    public void Damaged_data_keys_are_refused_and_not_made_anew(string text)
    {
        Keys().Start();
        File.WriteAllText(DataKeys, text);

        Assert.Contains(DataKeys, Assert.Throws<EncryptionException>(Keys().Start).Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(DataKeys));
    }

    [Fact]
    public void A_data_key_passed_off_as_another_is_refused()
    {
        var id = Keys().Newest.Id;
        File.WriteAllText(DataKeys, File.ReadAllText(DataKeys).Replace(id, "0123456789abcdef", StringComparison.Ordinal));

        Assert.Throws<EncryptionException>(Keys().Start);
    }

    [Fact]
    public void What_was_protected_before_opens_and_a_rotation_encrypts_its_keys()
    {
        var plain = new ServiceCollection();
        plain.AddLogging();
        plain.AddDataProtection().SetApplicationName("fhir-emr").PersistKeysToFileSystem(new DirectoryInfo(Folder));
        byte[] secret;
        using (var services = plain.BuildServiceProvider())
            secret = services.GetRequiredService<IDataProtectionProvider>().CreateProtector(Purpose).Protect("seed"u8.ToArray());
        var ring = Directory.GetFiles(Folder, "key-*.xml").Single();
        Assert.Contains("masterKey", File.ReadAllText(ring), StringComparison.Ordinal);

        Assert.Equal("seed", Unprotect(secret));
        Assert.Equal(1, Keys().Rotate().AccountKeys);

        Assert.DoesNotContain("masterKey", File.ReadAllText(ring), StringComparison.Ordinal);
        Assert.Equal("seed", Unprotect(secret));
        Assert.Equal(1, Keys().Rotate().AccountKeys);
        Assert.Equal("seed", Unprotect(secret));
        File.WriteAllText(ring, File.ReadAllText(ring).Replace("by=\"", "by=\"0", StringComparison.Ordinal));
        Assert.Throws<CryptographicException>(() => Unprotect(secret));
    }

    public void Dispose() => root.Delete(recursive: true);

    private EncryptionKeys Keys(EncryptionOptions? options = null) => new(options ?? new(), Folder);

    /// <summary>As a server that starts now would.</summary>
    private string Unprotect(byte[] secret)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Storage:DataFolder", root.FullName)]).Build();
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddSingleton<IConfiguration>(configuration);
        collection.AddAccounts(configuration);
        using var services = collection.BuildServiceProvider();
        return Encoding.UTF8.GetString(services.GetRequiredService<IDataProtectionProvider>().CreateProtector(Purpose).Unprotect(secret));
    }
}
