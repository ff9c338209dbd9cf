using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FhirEmr.FhirServer.Storage.Audit;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>How seals are made and checked: the same arithmetic on both sides.</summary>
internal static class AuditChain
{
    /// <summary>Before the first seal of a node.</summary>
    public static byte[] Start { get; } = new byte[AuditSecret.MacLength];

    /// <summary>HMAC(chain key, head before ‖ this seal ‖ the codes of its rows in order).</summary>
    public static byte[] HeadOf(AuditSecret secret, ReadOnlySpan<byte> before, SealRow seal, IEnumerable<byte[]> macs)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret.Chain);
        hash.AppendData("seal\n"u8);
        hash.AppendData(before);
        Span<byte> numbers = stackalloc byte[32];
        BinaryPrimitives.WriteInt32LittleEndian(numbers, seal.Node);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[4..], seal.Ordinal);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[12..], seal.Sealed);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[20..], seal.Floor);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[28..], seal.Count);
        hash.AppendData(numbers);
        hash.AppendData(seal.Members);
        foreach (var mac in macs)
            hash.AppendData(mac);
        return hash.GetHashAndReset();
    }

    /// <summary>What a checkpoint signs, a line that can be read.</summary>
    public static byte[] TextOf(int node, CheckpointRow checkpoint) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"fhir-emr audit node {node} seal {checkpoint.Ordinal} rows {checkpoint.Total} at {checkpoint.Made} key {checkpoint.KeyName} head {Convert.ToHexStringLower(checkpoint.Head)}"));

    /// <summary>Keys of rows as differences from the one before, seven bits a byte.</summary>
    public static byte[] Pack(IReadOnlyList<long> numbers)
    {
        var packed = new byte[numbers.Count * 10];
        var (at, last) = (0, 0L);
        foreach (var number in numbers)
        {
            var difference = number - last;
            last = number;
            var rest = (ulong)((difference << 1) ^ (difference >> 63));
            for (; rest >= 0x80; rest >>= 7)
                packed[at++] = (byte)(rest | 0x80);
            packed[at++] = (byte)rest;
        }

        return packed[..at];
    }

    /// <summary>Null when the bytes are not what <see cref="Pack"/> makes.</summary>
    public static List<long>? Unpack(ReadOnlySpan<byte> packed)
    {
        var numbers = new List<long>();
        var last = 0L;
        for (var at = 0; at < packed.Length;)
        {
            var (rest, shift) = (0UL, 0);
            while (true)
            {
                if (at == packed.Length || shift > 63)
                    return null;
                rest |= (ulong)(packed[at] & 0x7f) << shift;
                if (packed[at++] < 0x80)
                    break;
                shift += 7;
            }

            last += (long)(rest >> 1) ^ -(long)(rest & 1);
            numbers.Add(last);
        }

        return numbers;
    }
}
