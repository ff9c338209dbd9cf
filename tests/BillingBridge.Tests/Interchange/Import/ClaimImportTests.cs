using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Interchange.Import;

public sealed class ClaimImportTests
{
    private readonly InMemoryFhirRecords _records = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_claim_is_stored_as_a_draft_with_everybody_it_names()
    {
        var claim = await TakeAsync(Fixtures.File837(Fixtures.Claim));

        Assert.Equal((ClaimStage.Draft, "HT0001", "1", 150m, "2026-04-01"), (claim.Stage(), claim.PatientControlNumber(), claim.Frequency(), claim.Total!.Value, claim.Created));
        Assert.Equal("T7-1", claim.Identifier.Single(i => i.System == BillingUrls.Trace).Value);
        Assert.Equal(["J06.9", "R50.9"], claim.Diagnosis.Select(d => d.DiagnosisCode()));
        Assert.Equal(["99213", "87880"], claim.Item.Select(i => i.ProductOrService.Coding[0].Code));
        Assert.Equal([1, 2], claim.Item[0].DiagnosisSequence);
        Assert.Equal("HT0001-2", claim.Item[1].LineControlNumber());
        var patient = _records.Get<Patient>(Id(claim.Patient));
        Assert.Equal(("DOE", "ROWAN", "1970-01-01", AdministrativeGender.Female, "1 OAK LANE"), (patient.Name[0].Family, patient.Name[0].Given.Single(), patient.BirthDate, patient.Gender, patient.Address[0].Line.Single()));
        var coverage = _records.Get<Coverage>(Id(claim.Insurance.Single().Coverage));
        Assert.Equal(("M100200", "self", "G55", "CI"), (coverage.SubscriberId, coverage.Relationship!.Coding[0].Code, coverage.Class[0].Value, coverage.Type!.Coding[0].Code));
        var practice = _records.Get<Organization>(Id(claim.Provider));
        Assert.Equal(("HILLTOP CLINIC", "1234567893", "97301-1234"), (practice.Name, practice.Identifier.Single(i => i.System == BillingUrls.Npi).Value, practice.Address[0].PostalCode));
        Assert.Equal("931234567", practice.Identifier.Single(i => i.System == BillingUrls.Ein).Value);
        Assert.Equal("FM001", _records.Get<Organization>(Id(coverage.Payor[0])).Identifier.Single().Value);
        Assert.Empty(_records.All<FhirTask>());
    }

    [Fact]
    public async Task The_same_claim_again_changes_nothing()
    {
        await TakeAsync(Fixtures.File837(Fixtures.Claim));
        var before = _records.Snapshot;

        Assert.IsType<ClaimImported.Known>(Assert.Single((await ImportAsync(Fixtures.File837(Fixtures.Claim))).Claims));

        Assert.Equal(before, _records.Snapshot);
    }

    [Fact]
    public async Task Who_is_in_the_store_is_used_and_not_made_again()
    {
        var practice = new SmallPractice();
        practice.AddClaim("a1");

        var result = await new ClaimImportPipeline(practice.Records, SmallPractice.Time).ImportAsync(X12Read.Stream(Fixtures.File837(Fixtures.Claim)), Ct);

        var claim = practice.Records.Get<Claim>(Assert.IsType<ClaimImported.Taken>(Assert.Single(result.Claims)).ClaimId);
        Assert.Equal(("Patient/p-a1", "Coverage/c-a1", "Organization/clinic"), (claim.Patient.Reference, claim.Insurance[0].Coverage.Reference, claim.Provider.Reference));
        Assert.Single(practice.Records.All<Patient>());
        Assert.Equal(2, practice.Records.All<Organization>().Count());
    }

    [Fact]
    public async Task A_member_of_another_birth_date_is_another_person()
    {
        var practice = new SmallPractice();
        practice.AddClaim("a1");

        await new ClaimImportPipeline(practice.Records, SmallPractice.Time).ImportAsync(X12Read.Stream(Fixtures.File837(Fixtures.Claim.With("DMG", "DMG*D8*19710101*F"))), Ct);

        Assert.Equal(2, practice.Records.All<Patient>().Count());
    }

    [Fact]
    public async Task Two_providers_with_one_NPI_are_for_a_person_to_tell_apart()
    {
        foreach (var id in (string[])["x", "y"])
            _records.Put(new Organization { Id = id, Identifier = [new(BillingUrls.Npi, "1234567893")] });

        var not = Assert.IsType<ClaimImported.NotTaken>(Assert.Single((await ImportAsync(Fixtures.File837(Fixtures.Claim))).Claims));

        Assert.Contains("More than one Organization", not.Why, StringComparison.Ordinal);
        Assert.Equal("imported-claim", Assert.Single(_records.All<FhirTask>()).Code!.Coding[0].Code);
        Assert.Empty(_records.All<Claim>());
    }

    [Fact]
    public async Task A_patient_control_number_stands_for_one_claim_only()
    {
        await TakeAsync(Fixtures.File837(Fixtures.Claim));

        var other = Assert.Single((await ImportAsync(Fixtures.File837(Fixtures.Claim.With("HI*", "HI*ABK:J029*ABF:R509")))).Claims);

        Assert.Contains("has the same patient control number", Assert.IsType<ClaimImported.NotTaken>(other).Why, StringComparison.Ordinal);
        Assert.Single(_records.All<Claim>());
    }

    [Fact]
    public async Task What_FHIR_has_no_place_for_is_kept_as_it_came_and_is_work()
    {
        var lines = Fixtures.Claim.SelectMany(l => l.StartsWith("HI*", StringComparison.Ordinal) ? ["REF*EA*MRN77", "CL1*1**01", l] : new[] { l });

        var claim = await TakeAsync(Fixtures.File837(lines));

        Assert.Equal("MRN77", (Category(claim, BillingUrls.ReferenceQualifier, "EA").Value as FhirString)!.Value);
        Assert.Equal("CL1*1**01", (Category(claim, BillingUrls.KeptSegment, "2300").Value as FhirString)!.Value);
        var task = Assert.Single(_records.All<FhirTask>());
        Assert.Equal(($"Claim/{claim.Id}", claim.Patient.Reference), (task.Focus!.Reference, task.For!.Reference));
        Assert.Contains(task.Input, i => i.Value is FhirString { Value: "Loop 2300: CL1*1**01" });
    }

    [Fact]
    public async Task References_that_only_their_qualifier_says_are_written_again_in_the_order_of_the_guide()
    {
        var lines = Fixtures.Claim.SelectMany(l => l.StartsWith("HI*", StringComparison.Ordinal) ? ["REF*EW*MAMMO1", "REF*EA*MRN77", "REF*P4*DEMO5", l]
            : l.StartsWith("REF*6R", StringComparison.Ordinal) ? [l, "REF*F4*38D0999999", "REF*BT*LOT9"] : (string[])[l]).ToList();
        Assert.Contains("REF*BT*LOT9", lines);
        var claim = await TakeAsync(Fixtures.File837(lines));

        var written = Text(await WriteAsync(_records, claim.Id!)).Replace("\n", "", StringComparison.Ordinal).Split('~').Where(l => l.StartsWith("REF*", StringComparison.Ordinal)).ToList();

        Assert.Equal(["REF*EW*MAMMO1", "REF*EA*MRN77", "REF*P4*DEMO5"], written.Where(l => l[4..6] is "EW" or "EA" or "P4"));
        var at = written.IndexOf("REF*F4*38D0999999");
        Assert.StartsWith("REF*6R*", written[at - 1], StringComparison.Ordinal);
        Assert.Equal("REF*BT*LOT9", written[at + 1]);
    }

    [Fact]
    public async Task Segments_for_some_services_only_are_written_again_where_the_guide_has_them()
    {
        string[] whole = ["CN1*02*75.5*10*C7", "K3*STATE DATA", "CR1***A*DH*15****UNCONSCIOUS", "CR2********A", "CRC*75*Y*IH", "CRC*ZZ*Y*AV*S2"];
        string[] after = ["HI*BP:33414*BO:33416", "HI*BG:17*BG:67", "HCP*03*100*10*RPO12345"];
        string[] beforeDay = ["SV5*HC:A4631*DA*30*50*100*1", "PWK*CT*AB", "CR3*I*MO*12", "CRC*09*N*ZV"];
        string[] afterDay = ["DTP*607*D8*20260301", "DTP*463*D8*20260302", "DTP*738*D8*20260310", "QTY*PT*2", "MEA*TR*R2*33.5", "MEA*TR*R1*11.2", "CN1*04*410.5"];
        string[] afterReference = ["AMT*T*4.5", "K3*LINE DATA", "NTE*DCP*TOLERATED WELL", "PS1*PN222222*110", "HCP*03*90*10*RPO12346"];
        string[] forms = ["LQ*UT*01.02", "FRM*1A*N", "FRM*4***20260101", "LQ*UT*484.3", "FRM*1B**17.8"];
        var first = true;
        var lines = Fixtures.Claim.SelectMany(l => l switch
        {
            _ when l.StartsWith("HI*", StringComparison.Ordinal) => [.. whole, l, .. after],
            _ when l.StartsWith("DTP*472", StringComparison.Ordinal) && first => [.. beforeDay, l, .. afterDay],
            _ when l.StartsWith("REF*6R", StringComparison.Ordinal) && first => Last(l),
            _ => new[] { l },
        }).ToList();
        string[] Last(string l)
        {
            first = false;
            return [l, .. afterReference, .. forms];
        }

        var claim = await TakeAsync(Fixtures.File837(lines));

        Assert.Empty(_records.All<FhirTask>());
        Assert.Contains(claim.SupportingInfo, i => i.Category.Coding[0].Code == "CRC" && i.Value is FhirString { Value: "75*Y*IH" });
        var mea = claim.SupportingInfo.Where(i => i.Category.Coding[0].Code == "MEA").Select(i => i.Sequence).ToList();
        Assert.All(mea, s => Assert.Contains(s, claim.Item[0].InformationSequence));
        var written = Text(await WriteAsync(_records, claim.Id!)).Replace("\n", "", StringComparison.Ordinal).Split('~').ToList();
        var claimStart = written.FindIndex(l => l.StartsWith("CLM*", StringComparison.Ordinal));
        var expected = lines.SkipWhile(l => !l.StartsWith("CLM*", StringComparison.Ordinal)).Where(l => !l.StartsWith("REF*D9", StringComparison.Ordinal)).ToList();
        Assert.Equal(expected, written.Skip(claimStart).Where(l => !l.StartsWith("REF*D9", StringComparison.Ordinal)).Take(expected.Count));
    }

    [Fact]
    public async Task What_a_person_types_into_such_a_segment_stays_data()
    {
        var claim = await TakeAsync(Fixtures.File837(Fixtures.Claim));
        claim.SupportingInfo.Add(new() { Sequence = 90, Category = new CodeableConcept(BillingUrls.SituationalSegment, "K3"), Value = new FhirString("A:B~SE*1*0001") });
        claim.SupportingInfo.Add(new() { Sequence = 91, Category = new CodeableConcept(BillingUrls.SituationalSegment, "CLM"), Value = new FhirString("X*1") });
        claim.SupportingInfo.Add(new() { Sequence = 92, Category = new CodeableConcept(BillingUrls.SituationalSegment, "CRC"), Value = new FhirString("**") });
        _records.Put(claim);

        var written = Text(await WriteAsync(_records, claim.Id!)).Replace("\n", "", StringComparison.Ordinal).Split('~');

        Assert.StartsWith("K3*A", Assert.Single(written, l => l.StartsWith("K3", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Single(written, l => l.StartsWith("SE*", StringComparison.Ordinal));
        Assert.Single(written, l => l.StartsWith("CLM*", StringComparison.Ordinal));
        Assert.DoesNotContain(written, l => l.StartsWith("CRC", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_set_with_a_fault_gives_no_claim_and_the_others_are_taken()
    {
        var good = Fixtures.Claim.Select(l => l.Replace("HT0001", "HT0002", StringComparison.Ordinal));
        var file = Fixtures.File837(Fixtures.Claim.With("CLM*", "CLM*HT0001*151***11:B:1*Y*A*Y*Y"))
            .Replace("GE*1*", string.Concat(good.Prepend("ST*837*0002*005010X222A1").Append("SE*29*0002").Select(l => l + "~\n")) + "GE*2*", StringComparison.Ordinal);

        var result = await ImportAsync(file);

        Assert.Equal((2, 1, false), (result.Sets, result.RefusedSets, result.IsRefused));
        Assert.Equal("HT0002", Assert.Single(_records.All<Claim>()).PatientControlNumber());
    }

    [Fact]
    public async Task A_replacement_names_the_claim_whose_payer_number_it_gives()
    {
        _records.Put(new Claim { Id = "first", Identifier = [new(BillingUrls.Icn("FM001"), "FM9001")], Status = FinancialResourceStatusCodes.Active });
        var lines = Fixtures.Claim.With("CLM*", "CLM*HT0001*150***11:B:7*Y*A*Y*Y").With("REF*D9", "REF*F8*FM9001");

        var related = Assert.Single((await TakeAsync(Fixtures.File837(lines))).Related);

        Assert.Equal(("Claim/first", "FM9001"), (related.Claim!.Reference, related.Reference!.Value));
    }

    /// <summary>Claim → 837P → Claim → 837P: the second file is the first, so nothing that the guide carries was lost or changed on the way.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_we_write_comes_back_as_the_claim_it_was(string name)
    {
        var (change, coverage, practiceChange) = Claims[name];
        var practice = new SmallPractice();
        practiceChange?.Invoke(practice);
        practice.AddClaim("a1", change: change, changeCoverage: coverage);
        var first = await WriteAsync(practice.Records, "a1");

        var result = await new ClaimImportPipeline(_records, SmallPractice.Time).ImportAsync(new MemoryStream(first), Ct);

        var taken = Assert.IsType<ClaimImported.Taken>(Assert.Single(result.Claims));
        Assert.Empty(taken.Kept);
        var (was, now) = (practice.Records.Get<Claim>("a1"), _records.Get<Claim>(taken.ClaimId));
        Assert.Equal(was.PatientControlNumber(), now.PatientControlNumber());
        Assert.Equal(was.Total!.Value, now.Total!.Value);
        Assert.Equal(was.Diagnosis.Select(d => d.DiagnosisCode()), now.Diagnosis.Select(d => d.DiagnosisCode()));
        Assert.Equal(was.Item.Select(i => (i.ProductOrService.Coding[0].System, i.ProductOrService.Coding[0].Code)), now.Item.Select(i => (i.ProductOrService.Coding[0].System, i.ProductOrService.Coding[0].Code)));
        Assert.Equal(was.Item.Select(i => string.Join(',', i.DiagnosisSequence)), now.Item.Select(i => string.Join(',', i.DiagnosisSequence)));
        Assert.Equal(Text(first), Text(await WriteAsync(_records, taken.ClaimId)));
    }

    public static TheoryData<string> Names => [.. Claims.Keys];

    private static Dictionary<string, (Action<Claim>? Change, Action<Coverage>? Coverage, Action<SmallPractice>? Practice)> Claims => new()
    {
        ["plain"] = (null, null, null),
        ["dates, references and a note"] = (Rich, null, null),
        ["an accident on the road"] = (c => c.Accident = new Claim.AccidentComponent { Date = "2026-03-28", Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/v3-ActCode", "MVA"), Location = new Address { State = "OR" } }, null, null),
        ["a drug, minutes, a period and programs"] = (Lines, null, null),
        ["a replacement"] = (c =>
            {
                c.AddExtension(BillingUrls.FrequencyExtension, new Code("7"));
                c.Related = [new Claim.RelatedClaimComponent { Reference = new Identifier(BillingUrls.Icn("FM001"), "FM9001") }];
            }, null, null),
        ["a child of the subscriber"] = (null, c =>
            {
                c.Relationship = new CodeableConcept("http://terminology.hl7.org/CodeSystem/subscriber-relationship", "child");
                c.Subscriber = new ResourceReference("RelatedPerson/mother");
            }, p => p.Records.Put(new RelatedPerson { Id = "mother", Patient = new ResourceReference("Patient/p-a1"), Name = [new HumanName { Family = "Doe", Given = ["Alex"] }], Address = [new Address { Line = ["2 Elm Road"], City = "Salem", State = "OR", PostalCode = "97301" }] })),
        ["Medicare after a group plan"] = (null, c =>
            {
                c.Type = new CodeableConcept("https://x12.org/codes/claim-filing-indicator-codes", "MB");
                c.AddExtension(BillingUrls.MspTypeExtension, new Code("12"));
                c.Class = [];
            }, null),
        ["a facility and a referring and a supervising provider"] = (c =>
            {
                c.Facility = new ResourceReference("Location/annex");
                c.CareTeam.Add(new Claim.CareTeamComponent { Sequence = 2, Provider = new ResourceReference("Practitioner/sender"), Role = CareTeamRoles.Concept(CareTeamRoles.Referring) });
                c.CareTeam.Add(new Claim.CareTeamComponent { Sequence = 3, Provider = new ResourceReference("Practitioner/senior"), Role = CareTeamRoles.Concept(CareTeamRoles.Supervising) });
                c.CareTeam.Add(new Claim.CareTeamComponent { Sequence = 4, Provider = new ResourceReference("Practitioner/sender"), Role = CareTeamRoles.Concept(CareTeamRoles.Ordering) });
                c.Item[1].CareTeamSequence = [1, 4];
            }, null, p => p.Records.Put(
                new Location { Id = "annex", Name = "Annex", Identifier = [new(BillingUrls.Npi, "1777788880")], Address = new Address { Line = ["9 Side Road"], City = "Salem", State = "OR", PostalCode = "97301-4321" } },
                new Practitioner { Id = "sender", Name = [new HumanName { Family = "Welby", Given = ["Marcus"] }], Identifier = [new(BillingUrls.Npi, "1444433332")] },
                new Practitioner { Id = "senior", Name = [new HumanName { Family = "Old", Given = ["Ann"], Suffix = ["JR"] }], Identifier = [new(BillingUrls.Npi, "1972540003")] })),
        ["a doctor alone, paid elsewhere"] = (c => { c.Provider = new ResourceReference("Practitioner/solo"); c.CareTeam = []; }, null, p => p.Records.Put(
            new Practitioner
            {
                Id = "solo",
                Name = [new HumanName { Family = "Reed", Given = ["Kim"] }],
                Identifier = [new(BillingUrls.Npi, "1444433332"), new(BillingUrls.Ein, "521234567")],
                Address = [new Address { Line = ["5 Bay Street"], City = "Salem", State = "OR", PostalCode = "97301-1111" }, new Address { Use = Address.AddressUse.Billing, Line = ["PO Box 9"], City = "Salem", State = "OR", PostalCode = "97308-0009" }],
            },
            new PractitionerRole { Id = "solo-role", Practitioner = new ResourceReference("Practitioner/solo"), Specialty = [new CodeableConcept(CodeSystemUrls.ProviderTaxonomy, "207Q00000X")] })),
    };

    [Fact]
    public async Task Every_clean_claim_file_is_taken_and_written_again_as_it_was()
    {
        foreach (var path in SharedX12.Clean("837p"))
        {
            var records = new InMemoryFhirRecords();
            var text = await File.ReadAllTextAsync(path, Ct);
            var result = await new ClaimImportPipeline(records, SmallPractice.Time).ImportAsync(X12Read.Stream(text), Ct);
            if (path.Contains("secondary-cob", StringComparison.Ordinal))
            {
                Assert.NotEmpty(Assert.IsType<ClaimImported.Taken>(Assert.Single(result.Claims)).Kept); // what the first payer did
                continue;
            }

            var read = (await X12Read.ClaimsAsync(text)).Items.OfType<Claim837PItem.Claim>().ToList();
            foreach (var (i, claim) in result.Claims.Index())
            {
                var written = (await X12Read.ClaimsAsync(Text(await WriteAsync(records, Assert.IsType<ClaimImported.Taken>(claim).ClaimId)))).Items.OfType<Claim837PItem.Claim>().Single();
                Assert.Equal(Segments(read[i]), Segments(written));
            }
        }
    }

    private static void Rich(Claim claim)
    {
        void Info(string category, DataType? timing = null, DataType? value = null, CodeableConcept? code = null) => claim.SupportingInfo.Add(
            new Claim.SupportingInformationComponent { Sequence = claim.SupportingInfo.Count + 1, Category = SupportingInfo.Category(category), Timing = timing, Value = value, Code = code });
        Info(SupportingInfo.Onset, new Date("2026-03-20"));
        Info(SupportingInfo.LastSeen, new Date("2026-03-01"));
        Info(SupportingInfo.AcuteManifestation, new Date("2026-03-02"));
        Info(SupportingInfo.LastXRay, new Date("2026-02-02"));
        Info(SupportingInfo.Disability, new Period { Start = "2026-03-20", End = "2026-04-20" });
        Info(SupportingInfo.LastWorked, new Date("2026-03-19"));
        Info(SupportingInfo.ReturnToWork, new Date("2026-04-21"));
        Info(SupportingInfo.Hospitalized, new Period { Start = "2026-03-21", End = "2026-03-25" });
        Info(SupportingInfo.AssumedCare, new Date("2026-03-26"));
        Info(SupportingInfo.RelinquishedCare, new Date("2026-03-27"));
        Info(SupportingInfo.Attachment, value: new FhirString("ATT1"), code: new CodeableConcept("x", "OZ") { Coding = { new Coding(SupportingInfo.Transmission, "FX") } });
        Info(SupportingInfo.PatientPaid, value: new Quantity { Value = 25m });
        Info(SupportingInfo.Referral, value: new FhirString("RF1"));
        Info(SupportingInfo.Clia, value: new FhirString("38D0123456"));
        Info(SupportingInfo.Note, value: new FhirString("SEEN TWICE"), code: new CodeableConcept("x", "DGN"));
        claim.Insurance[0].PreAuthRef = ["AUTH1"];
        claim.Extension.Add(new Extension { Url = BillingUrls.ClaimIndicatorsExtension, Extension = [new Extension("assignment", new Code("C")), new Extension("signature-source", new Code("P")), new Extension("delay-reason", new Code("3"))] });
    }

    private static void Lines(Claim claim)
    {
        claim.Item[0].ProgramCode = [new CodeableConcept(BillingUrls.ServiceProgram, ServicePrograms.Epsdt), new CodeableConcept(BillingUrls.ServiceProgram, ServicePrograms.Emergency)];
        claim.Item[0].Serviced = new Period { Start = "2026-03-30", End = "2026-03-31" };
        claim.Item[0].Location = new CodeableConcept(CodeSystemUrls.PlaceOfService, "22");
        claim.Item.Add(SmallPractice.Line(3, "00840", 90m, ["QK"], 1));
        claim.Item[2].Quantity = new Quantity(45m, "min");
        claim.Item.Add(SmallPractice.Line(4, "J3490", 10m, [], 2));
        claim.Item[3].ProductOrService = new CodeableConcept(CodeSystemUrls.Hcpcs, "J3490") { Text = "COMPOUNDED CREAM" };
        claim.Item[3].Extension.Add(new Extension { Url = BillingUrls.NdcExtension, Extension = [new Extension("code", new Coding(CodeSystemUrls.Ndc, "00409-3795-01")), new Extension("quantity", new Quantity(1.5m, "mL"))] });
        foreach (var modifier in claim.Item.SelectMany(i => i.Modifier).Where(m => m.Coding[0].Code == "QK"))
            modifier.Coding[0].System = CodeSystemUrls.Hcpcs;
        claim.Total = SmallPractice.Usd(250m);
    }

    private static async Task<byte[]> WriteAsync(InMemoryFhirRecords records, string claimId)
    {
        var sources = await new ClaimGatherer(records).GatherAsync(records.Get<Claim>(claimId), Ct);
        var (claim, problems) = ClaimMapping.Map(sources, null, sources.Claim.Identifier.Find(i => i.System == BillingUrls.Trace)?.Value);
        Assert.Empty(problems);
        var findings = new X12Findings();
        var bytes = new BatchRenderer(SmallPractice.Options).Render(new FileNumbers(7, 7, 7), "T", SmallPractice.Now, [claim!], findings).ToArray();
        Assert.Empty(findings.Items);
        return bytes;
    }

    private static string Segments(Claim837PItem.Claim claim) => X12Read.Text(x12 => new Claim837PWriter(new BillingBridge.X12.Envelope.EnvelopeWriter(x12)).Write(claim), out _, lineEnding: "\n");

    private static string Text(byte[] file) => Encoding.ASCII.GetString(file);

    private static string Id(ResourceReference reference) => reference.Reference!.Split('/')[1];

    private static Claim.SupportingInformationComponent Category(Claim claim, string system, string code) =>
        claim.SupportingInfo.Single(i => i.Category.Coding[0].System == system && i.Category.Coding[0].Code == code);

    private Task<ClaimImportResult> ImportAsync(string text) => new ClaimImportPipeline(_records, SmallPractice.Time).ImportAsync(X12Read.Stream(text), Ct);

    private async Task<Claim> TakeAsync(string text) =>
        _records.Get<Claim>(Assert.IsType<ClaimImported.Taken>(Assert.Single((await ImportAsync(text)).Claims)).ClaimId);
}
