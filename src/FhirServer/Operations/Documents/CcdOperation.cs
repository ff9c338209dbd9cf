using FhirEmr.FhirServer.Documents;
using FhirEmr.FhirServer.Documents.Ccda;
using FhirEmr.FhirServer.Documents.Ccda.Export;
using FhirEmr.FhirServer.Documents.Xdm;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary><c>Patient/[id]/$ccd</c>: a Continuity of Care Document of what the caller may see; <c>Patient/[id]/$xdm</c>: the same in a package for Direct.</summary>
/// <remarks>Our own. <c>start</c> and <c>end</c> bound the days of care. Answers the bytes, or a Binary when a FHIR format is asked for. 200, 400, 404, 406, 410, 422.</remarks>
internal sealed class CcdOperation(CcdWriting writing, OwnRoot own)
{
    private const string Zip = "application/zip";

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        CcdOperation Ccd() => services.GetRequiredService<CcdOperation>();
        yield return new("ccd", "urn:fhiremr:OperationDefinition:Patient-ccd", ["Patient"], false, true, false, (r, ct) => Ccd().HandleAsync(r, Cda.MediaType, ct)) { Right = null };
        yield return new("xdm", "urn:fhiremr:OperationDefinition:Patient-xdm", ["Patient"], false, true, false, (r, ct) => Ccd().HandleAsync(r, Zip, ct)) { Right = null };
    }

    private async Task<FhirReply> HandleAsync(FhirRequest request, string mediaType, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "start", "end");
        var (raw, notAcceptable) = DocumentFormat.Choose(request, mediaType);
        var (from, until, wrong) = CcdWriting.Days(input["start"], input["end"]);
        if ((fault ?? notAcceptable ?? wrong) is { } refusal)
            return FhirReply.Refuse(refusal);
        var (ccd, absent) = await writing.WriteAsync(request.Target.Key, from, until, request.Caller.Access, ct);
        if (ccd is null)
            return FhirReply.Refuse(absent!);

        var bytes = mediaType == Zip ? XdmWriter.Write(ccd.Xml, Describe(ccd)) : ccd.Xml;
        if (raw is null)
            return FhirReply.Of(new Binary { ContentType = mediaType, Data = bytes, SecurityContext = new(request.Target.Key.ToString()) });
        return new FhirReply(200)
        {
            Json = bytes,
            ContentType = mediaType,
            Headers =
            [
                ("Content-Security-Policy", "default-src 'none'; sandbox"), ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"),
                ("Content-Disposition", $"attachment; filename=\"{(mediaType == Zip ? "package.zip" : "ccd.xml")}\""),
            ],
        };
    }

    private XdmDescription Describe(Ccd ccd)
    {
        var root = ccd.Record.Patient.Root;
        var (oid, id) = root.Each("identifier").Select(i => (Oid: OidSystems.RootOf(i.TextOf("system")), Id: i.TextOf("value"))).FirstOrDefault(i => i.Oid is not null && OidSystems.IsOid(i.Oid) && i.Id is not null);
        var (family, given) = (root.Say("name", "family") ?? "", root.Say("name", "given") ?? "");
        return new("2.25." + Decimal(ccd.Id), $"{Clean(id ?? ccd.Record.Patient.Key.Id)}^^^&{oid ?? "2.25." + Decimal(Guid.Parse(own.Value))}&ISO", $"{Clean(family)}^{Clean(given)}^^^",
            CdaTime.ToCda(root.TextOf("birthDate")), root.TextOf("gender") switch { "male" => "M", "female" => "F", "other" => "O", _ => "U" },
            "Continuity of Care Document", "2.25." + Decimal(Guid.Parse(own.Value)), ccd.At, CcdWriter.Confidentiality(ccd.Record));
    }

    /// <summary>A UUID as an arc of 2.25 (ITU-T X.667).</summary>
    private static string Decimal(Guid id) => new System.Numerics.BigInteger(id.ToByteArray(bigEndian: true), isUnsigned: true, isBigEndian: true).ToString(global::System.Globalization.CultureInfo.InvariantCulture);

    private static string Clean(string text) => string.Concat(text.Where(c => c is not ('^' or '&' or '|' or '~' or '\\')));
}
