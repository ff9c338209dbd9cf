using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace FhirEmr.FhirServer.Tests.Security.Accounts;

/// <summary>An authenticator with one passkey and the browser before it, which both say whatever the test wants (Web Authentication, level 3; ES256).</summary>
internal sealed class SoftAuthenticator : IDisposable
{
    private const byte UserPresent = 0x01;
    private const byte Verified = 0x04;
    private const byte MayBeSynced = 0x08;
    private const byte Synced = 0x10;
    private const byte HasKey = 0x40;

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private byte[] userHandle = [];

    public byte[] CredentialId { get; init; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>What the browser says where the page is from.</summary>
    public string Origin { get; set; } = "http://localhost:8080";

    public bool IsCrossOrigin { get; set; }

    /// <summary>The domain that the authenticator signs for; null for the one it is asked for.</summary>
    public string? Domain { get; set; }

    public bool IsUserPresent { get; set; } = true;

    public bool VerifiesUser { get; set; } = true;

    public bool IsBackupEligible { get; set; }

    public bool IsBackedUp { get; set; }

    /// <summary>How often it has signed; null for those that do not count.</summary>
    public uint? Counter { get; set; } = 0;

    public bool SpoilsSignature { get; set; }

    /// <summary>Makes the passkey: what the browser answers to the options.</summary>
    public string Make(string optionsJson)
    {
        var options = JsonNode.Parse(optionsJson)!;
        userHandle = Base64Url.DecodeFromChars(options["user"]!["id"]!.GetValue<string>());
        var data = Data(options["rp"]!["id"]!.GetValue<string>(), HasKey);
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)CredentialId.Length);
        data = [.. data, .. new byte[16], .. length, .. CredentialId, .. PublicKey()];
        var writer = new CborWriter();
        writer.WriteStartMap(3);
        writer.WriteTextString("fmt");
        writer.WriteTextString("none");
        writer.WriteTextString("attStmt");
        writer.WriteStartMap(0);
        writer.WriteEndMap();
        writer.WriteTextString("authData");
        writer.WriteByteString(data);
        writer.WriteEndMap();
        return Answer(new()
        {
            ["clientDataJSON"] = Base64Url.EncodeToString(ClientData("webauthn.create", options)),
            ["attestationObject"] = Base64Url.EncodeToString(writer.Encode()),
            ["transports"] = new JsonArray("internal"),
        });
    }

    /// <summary>Signs with it: what the browser answers to the options.</summary>
    public string Sign(string optionsJson)
    {
        var options = JsonNode.Parse(optionsJson)!;
        if (Counter is { } count)
            Counter = count + 1;
        var (client, data) = (ClientData("webauthn.get", options), Data(options["rpId"]!.GetValue<string>(), 0));
        var signature = key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        if (SpoilsSignature)
            signature = key.SignData([1], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Answer(new()
        {
            ["clientDataJSON"] = Base64Url.EncodeToString(client),
            ["authenticatorData"] = Base64Url.EncodeToString(data),
            ["signature"] = Base64Url.EncodeToString(signature),
            ["userHandle"] = Base64Url.EncodeToString(userHandle),
        });
    }

    public void Dispose() => key.Dispose();

    private string Answer(JsonObject response) => new JsonObject
    {
        ["id"] = Base64Url.EncodeToString(CredentialId),
        ["rawId"] = Base64Url.EncodeToString(CredentialId),
        ["type"] = "public-key",
        ["clientExtensionResults"] = new JsonObject(),
        ["response"] = response,
    }.ToJsonString();

    private byte[] ClientData(string type, JsonNode options) => Encoding.UTF8.GetBytes(
        new JsonObject { ["type"] = type, ["challenge"] = options["challenge"]!.GetValue<string>(), ["origin"] = Origin, ["crossOrigin"] = IsCrossOrigin }.ToJsonString());

    private byte[] Data(string domain, byte flags)
    {
        flags |= (byte)((IsUserPresent ? UserPresent : 0) | (VerifiesUser ? Verified : 0) | (IsBackupEligible ? MayBeSynced : 0) | (IsBackedUp ? Synced : 0));
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, Counter ?? 0);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(Domain ?? domain)), flags, .. count];
    }

    private byte[] PublicKey()
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartMap(5);
        Pair(1, w => w.WriteInt32(2)); // kty: EC2
        Pair(3, w => w.WriteInt32(-7)); // alg: ES256
        Pair(-1, w => w.WriteInt32(1)); // crv: P-256
        Pair(-2, w => w.WriteByteString(point.X!));
        Pair(-3, w => w.WriteByteString(point.Y!));
        writer.WriteEndMap();
        return writer.Encode();

        void Pair(int label, Action<CborWriter> value)
        {
            writer.WriteInt32(label);
            value(writer);
        }
    }
}
