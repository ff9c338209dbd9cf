using System.Text;

namespace FhirEmr.FhirServer.Tests.Documents;

/// <summary>A small CCD of our own: one invented woman, and a fact or two in every section.</summary>
public static class CcdFixture
{
    public const string Statin = """
        <substanceAdministration classCode="SBADM" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.16" extension="2014-06-09"/><id root="2.16.840.1.113883.19.5" extension="med1"/>
          <statusCode code="active"/><effectiveTime xsi:type="IVL_TS"><low value="20200115"/></effectiveTime>
          <effectiveTime xsi:type="PIVL_TS" institutionSpecified="true" operator="A"><period value="12" unit="h"/></effectiveTime>
          <routeCode code="C38288" codeSystem="2.16.840.1.113883.3.26.1.1" displayName="Oral"/><doseQuantity value="1" unit="{tablet}"/>
          <consumable><manufacturedProduct classCode="MANU"><templateId root="2.16.840.1.113883.10.20.22.4.23"/><manufacturedMaterial>
            <code code="617312" codeSystem="2.16.840.1.113883.6.88" displayName="atorvastatin 20 MG Oral Tablet"><originalText><reference value="#med1name"/></originalText>
              <translation code="00071015523" codeSystem="2.16.840.1.113883.6.69"/></code></manufacturedMaterial></manufacturedProduct></consumable>
          <entryRelationship typeCode="RSON"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.19"/><code code="404684003" codeSystem="2.16.840.1.113883.6.96"/>
            <statusCode code="completed"/><value xsi:type="CD" code="55822004" codeSystem="2.16.840.1.113883.6.96" displayName="Hyperlipidemia"/></observation></entryRelationship>
        </substanceAdministration>
        """;

    /// <summary>The whole document.</summary>
    /// <param name="id">Extension of its id; a document with another is another.</param>
    /// <param name="mrn">The patient's number.</param>
    /// <param name="glucose">A result that a later version may correct.</param>
    /// <param name="more">Sections to add, each within <c>component</c>.</param>
    public static byte[] Ccd(string id = "doc-1", string mrn = "9001", string glucose = "104", string at = "20250301103015-0500", string family = "Ferreira", string more = "", bool withNegation = false) => Encoding.UTF8.GetBytes($"""
        <?xml version="1.0" encoding="UTF-8"?>
        <ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sdtc="urn:hl7-org:sdtc">
          <realmCode code="US"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
          <templateId root="2.16.840.1.113883.10.20.22.1.1" extension="2015-08-01"/><templateId root="2.16.840.1.113883.10.20.22.1.2" extension="2015-08-01"/>
          <id root="2.16.840.1.113883.19.5.99" extension="{id}"/><code code="34133-9" codeSystem="2.16.840.1.113883.6.1" displayName="Summary of episode note"/>
          <title>Summary of care</title><effectiveTime value="{at}"/><confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="en-US"/>
          <recordTarget><patientRole>
            <id root="2.16.840.1.113883.19.5.1" extension="{mrn}"/>
            <addr use="HP"><streetAddressLine>17 Harbor Lane</streetAddressLine><city>Portsmouth</city><state>NH</state><postalCode>03801</postalCode><country>US</country></addr>
            <telecom value="tel:+1(603)555-0188" use="HP"/>
            <patient><name use="L"><given>Lucia</given><given>M</given><family>{family}</family></name><administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19620714"/>
              <maritalStatusCode code="M" codeSystem="2.16.840.1.113883.5.2" displayName="Married"/>
              <raceCode code="2106-3" codeSystem="2.16.840.1.113883.6.238" displayName="White"/><ethnicGroupCode code="2186-5" codeSystem="2.16.840.1.113883.6.238" displayName="Not Hispanic or Latino"/>
              <languageCommunication><languageCode code="en"/><preferenceInd value="true"/></languageCommunication></patient>
          </patientRole></recordTarget>
          <author><time value="{at}"/><assignedAuthor><id root="2.16.840.1.113883.4.6" extension="1234567893"/><addr nullFlavor="UNK"/><telecom nullFlavor="UNK"/>
            <assignedPerson><name><given>Owen</given><family>Tanaka</family><suffix>MD</suffix></name></assignedPerson></assignedAuthor></author>
          <custodian><assignedCustodian><representedCustodianOrganization><id root="2.16.840.1.113883.19.5.9"/><name>Harbor Clinic</name></representedCustodianOrganization></assignedCustodian></custodian>
          <component><structuredBody>
            {Section("48765-2", "Allergies", "2.16.840.1.113883.10.20.22.2.6.1", "<table><tbody><tr ID=\"a1\"><td>Penicillin</td><td>Hives</td></tr></tbody></table>", withNegation ? NoAllergies : Allergy)}
            {Section("10160-0", "Medications", "2.16.840.1.113883.10.20.22.2.1.1", "<list><item ID=\"med1name\">Atorvastatin 20 mg</item></list>", Statin)}
            {Section("11450-4", "Problems", "2.16.840.1.113883.10.20.22.2.5.1", "<paragraph>Hypertension; pneumonia (resolved)</paragraph>", Problem("p1", "59621000", "Essential hypertension", "2015", null), Problem("p2", "233604007", "Pneumonia", "20190310", "20190401"))}
            {Section("47519-4", "Procedures", "2.16.840.1.113883.10.20.22.2.7.1", "<paragraph>Appendectomy</paragraph>", Procedure)}
            {Section("30954-2", "Results", "2.16.840.1.113883.10.20.22.2.3.1", "<paragraph>Metabolic panel</paragraph>", Results(glucose))}
            {Section("8716-3", "Vital Signs", "2.16.840.1.113883.10.20.22.2.4.1", "<paragraph>128/76, 68 kg</paragraph>", Vitals)}
            {Section("11369-6", "Immunizations", "2.16.840.1.113883.10.20.22.2.2.1", "<paragraph>Influenza given; pneumococcal refused</paragraph>", Vaccine("i1", "140", "Influenza, seasonal", "20241004", false), Vaccine("i2", "33", "Pneumococcal polysaccharide", "20241004", true))}
            {Section("46240-8", "Encounters", "2.16.840.1.113883.10.20.22.2.22.1", "<paragraph>Office visit</paragraph>", Encounter)}
            {Section("29762-2", "Social History", "2.16.840.1.113883.10.20.22.2.17", "<paragraph>Former smoker</paragraph>", Smoking)}
            {Section("10157-6", "Family History", "2.16.840.1.113883.10.20.22.2.15", "<paragraph>Father: heart attack at 57</paragraph>", Family)}
            {Section("47420-5", "Functional Status", "2.16.840.1.113883.10.20.22.2.14", "<paragraph>Walks with a cane</paragraph>", Status("2.16.840.1.113883.10.20.22.4.67", "f1", "54522-8", "165245003", "Uses a cane"))}
            {Section("10190-7", "Mental Status", "2.16.840.1.113883.10.20.22.2.56", "<paragraph>Oriented</paragraph>", Status("2.16.840.1.113883.10.20.22.4.74", "ms1", "75275-8", "248234008", "Mentally alert"))}
            {Section("18776-5", "Plan of Treatment", "2.16.840.1.113883.10.20.22.2.10", "<paragraph>Colonoscopy</paragraph>", Plan)}
            {Section("61146-7", "Goals", "2.16.840.1.113883.10.20.22.2.60", "<paragraph>Weight below 65 kg</paragraph>", Goal)}
            {Section("75310-3", "Health Concerns", "2.16.840.1.113883.10.20.22.2.58", "<paragraph>Fear of falling</paragraph>", Concern)}
            {Section("46264-8", "Medical Equipment", "2.16.840.1.113883.10.20.22.2.23", "<paragraph>Hearing aid</paragraph>", Equipment)}
            {Section("48768-6", "Insurance", "2.16.840.1.113883.10.20.22.2.18", "<paragraph>Seacoast Health Plan</paragraph>", Payer)}
            {Section("42348-3", "Advance Directives", "2.16.840.1.113883.10.20.22.2.21.1", "<paragraph>No intubation</paragraph>", Directive)}
            {Section("34109-9", "Notes", "2.16.840.1.113883.10.20.22.2.65", "<paragraph ID=\"n1\">Feels <content styleCode=\"Bold\">well</content>.</paragraph>", Note)}
            {more}
          </structuredBody></component>
        </ClinicalDocument>
        """);

    public static string Section(string code, string title, string template, string text, params string[] entries) => $"""
        <component><section><templateId root="{template}"/><code code="{code}" codeSystem="2.16.840.1.113883.6.1"/><title>{title}</title><text>{text}</text>
        {string.Concat(entries.Select(e => $"<entry>{e}</entry>"))}</section></component>
        """;

    private const string Author = """
        <author><time value="20250301"/><assignedAuthor><id root="2.16.840.1.113883.4.6" extension="1234567893"/><assignedPerson><name><given>Owen</given><family>Tanaka</family><suffix>MD</suffix></name></assignedPerson></assignedAuthor></author>
        """;

    private const string Allergy = $"""
        <act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.30"/><id root="2.16.840.1.113883.19.5" extension="alc1"/><code code="CONC" codeSystem="2.16.840.1.113883.5.6"/><statusCode code="active"/><effectiveTime><low value="20010509"/></effectiveTime>
          <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.7"/><id root="2.16.840.1.113883.19.5" extension="al1"/><code code="ASSERTION" codeSystem="2.16.840.1.113883.5.4"/>
            <statusCode code="completed"/><effectiveTime><low value="200105"/></effectiveTime><value xsi:type="CD" code="416098002" codeSystem="2.16.840.1.113883.6.96" displayName="Allergy to drug"/>{Author}
            <participant typeCode="CSM"><participantRole classCode="MANU"><playingEntity classCode="MMAT"><code code="7980" codeSystem="2.16.840.1.113883.6.88" displayName="penicillin G"/></playingEntity></participantRole></participant>
            <entryRelationship typeCode="MFST" inversionInd="true"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.9"/><id nullFlavor="UNK"/><code code="ASSERTION" codeSystem="2.16.840.1.113883.5.4"/><statusCode code="completed"/>
              <value xsi:type="CD" code="126485001" codeSystem="2.16.840.1.113883.6.96" displayName="Hives"/>
              <entryRelationship typeCode="SUBJ" inversionInd="true"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.8"/><code code="SEV" codeSystem="2.16.840.1.113883.5.4"/><statusCode code="completed"/>
                <value xsi:type="CD" code="6736007" codeSystem="2.16.840.1.113883.6.96"/></observation></entryRelationship></observation></entryRelationship>
            <entryRelationship typeCode="SUBJ" inversionInd="true"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.145"/><code code="82606-5" codeSystem="2.16.840.1.113883.6.1"/><statusCode code="completed"/>
              <value xsi:type="CD" code="CRITH" codeSystem="2.16.840.1.113883.5.1063"/></observation></entryRelationship>
          </observation></entryRelationship></act>
        """;

    private const string NoAllergies = """
        <act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.30"/><id root="2.16.840.1.113883.19.5" extension="alc0"/><code code="CONC" codeSystem="2.16.840.1.113883.5.6"/><statusCode code="active"/>
          <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN" negationInd="true"><templateId root="2.16.840.1.113883.10.20.22.4.7"/><id root="2.16.840.1.113883.19.5" extension="al0"/><code code="ASSERTION" codeSystem="2.16.840.1.113883.5.4"/>
            <statusCode code="completed"/><value xsi:type="CD" code="419199007" codeSystem="2.16.840.1.113883.6.96"/>
            <participant typeCode="CSM"><participantRole classCode="MANU"><playingEntity classCode="MMAT"><code nullFlavor="NA"/></playingEntity></participantRole></participant></observation></entryRelationship></act>
        """;

    private const string Procedure = """
        <procedure classCode="PROC" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.14"/><id root="2.16.840.1.113883.19.5" extension="pr1"/><code code="80146002" codeSystem="2.16.840.1.113883.6.96" displayName="Appendectomy"/>
          <statusCode code="completed"/><effectiveTime value="1998"/><targetSiteCode code="66754008" codeSystem="2.16.840.1.113883.6.96" displayName="Appendix"/></procedure>
        """;

    private const string Vitals = """
        <organizer classCode="CLUSTER" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.26"/><id root="2.16.840.1.113883.19.5" extension="vs"/><code code="46680005" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/><effectiveTime value="20250301101500-0500"/>
          <component><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.27"/><id root="2.16.840.1.113883.19.5" extension="v1"/><code code="8480-6" codeSystem="2.16.840.1.113883.6.1" displayName="Systolic blood pressure"/><statusCode code="completed"/>
            <effectiveTime value="20250301101500-0500"/><value xsi:type="PQ" value="128" unit="mm[Hg]"/></observation></component>
          <component><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.27"/><id root="2.16.840.1.113883.19.5" extension="v2"/><code code="8462-4" codeSystem="2.16.840.1.113883.6.1" displayName="Diastolic blood pressure"/><statusCode code="completed"/>
            <effectiveTime value="20250301101500-0500"/><value xsi:type="PQ" value="76" unit="mm[Hg]"/></observation></component>
          <component><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.27"/><id root="2.16.840.1.113883.19.5" extension="v3"/><code code="29463-7" codeSystem="2.16.840.1.113883.6.1" displayName="Body weight"/><statusCode code="completed"/>
            <effectiveTime value="20250301101500-0500"/><value xsi:type="PQ" value="68.0" unit="kg"/></observation></component></organizer>
        """;

    private const string Encounter = """
        <encounter classCode="ENC" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.49"/><id root="2.16.840.1.113883.19.5" extension="en1"/>
          <code code="99213" codeSystem="2.16.840.1.113883.6.12" displayName="Office visit"><translation code="AMB" codeSystem="2.16.840.1.113883.5.4" displayName="ambulatory"/></code><statusCode code="completed"/>
          <effectiveTime><low value="20250301100000-0500"/><high value="20250301103000-0500"/></effectiveTime>
          <performer><assignedEntity><id root="2.16.840.1.113883.4.6" extension="1234567893"/><assignedPerson><name><given>Owen</given><family>Tanaka</family><suffix>MD</suffix></name></assignedPerson></assignedEntity></performer>
          <participant typeCode="LOC"><participantRole classCode="SDLOC"><templateId root="2.16.840.1.113883.10.20.22.4.32"/><code nullFlavor="UNK"/><playingEntity classCode="PLC"><name>Harbor Clinic</name></playingEntity></participantRole></participant>
          <entryRelationship typeCode="COMP"><act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.80"/><code code="29308-4" codeSystem="2.16.840.1.113883.6.1"/><statusCode code="active"/>
            <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="2.16.840.1.113883.19.5" extension="dx1"/><code code="55607006" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/>
              <effectiveTime><low value="20250301"/></effectiveTime><value xsi:type="CD" code="I10" codeSystem="2.16.840.1.113883.6.90" displayName="Essential (primary) hypertension"/></observation></entryRelationship></act></entryRelationship></encounter>
        """;

    private const string Smoking = """
        <observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.78"/><id root="2.16.840.1.113883.19.5" extension="sm1"/><code code="72166-2" codeSystem="2.16.840.1.113883.6.1" displayName="Tobacco smoking status"/>
          <statusCode code="completed"/><effectiveTime value="20250301"/><value xsi:type="CD" code="8517006" codeSystem="2.16.840.1.113883.6.96" displayName="Former smoker"/></observation>
        """;

    private const string Family = """
        <organizer classCode="CLUSTER" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.45"/><id root="2.16.840.1.113883.19.5" extension="fam1"/><statusCode code="completed"/>
          <subject><relatedSubject classCode="PRS"><code code="FTH" codeSystem="2.16.840.1.113883.5.111" displayName="Father"/><subject><administrativeGenderCode code="M" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="1930"/><sdtc:deceasedInd value="true"/></subject></relatedSubject></subject>
          <component><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.46"/><id root="2.16.840.1.113883.19.5" extension="fo1"/><code code="64572001" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/><effectiveTime nullFlavor="UNK"/>
            <value xsi:type="CD" code="22298006" codeSystem="2.16.840.1.113883.6.96" displayName="Myocardial infarction"/>
            <entryRelationship typeCode="SUBJ" inversionInd="true"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.31"/><code code="445518008" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/><value xsi:type="PQ" value="57" unit="a"/></observation></entryRelationship></observation></component></organizer>
        """;

    private const string Plan = """
        <procedure classCode="PROC" moodCode="RQO"><templateId root="2.16.840.1.113883.10.20.22.4.41"/><id root="2.16.840.1.113883.19.5" extension="pl1"/><code code="73761001" codeSystem="2.16.840.1.113883.6.96" displayName="Colonoscopy"/><statusCode code="active"/><effectiveTime value="20250601"/></procedure>
        """;

    private const string Goal = """
        <observation classCode="OBS" moodCode="GOL"><templateId root="2.16.840.1.113883.10.20.22.4.121"/><id root="2.16.840.1.113883.19.5" extension="go1"/><code code="29463-7" codeSystem="2.16.840.1.113883.6.1" displayName="Body weight"/><text>Weight below 65 kg</text><statusCode code="active"/>
          <effectiveTime><low value="20250301"/><high value="20251231"/></effectiveTime><value xsi:type="PQ" value="65" unit="kg"/></observation>
        """;

    private const string Concern = """
        <act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.132"/><id root="2.16.840.1.113883.19.5" extension="hc1"/><code code="75310-3" codeSystem="2.16.840.1.113883.6.1"/><statusCode code="active"/>
          <entryRelationship typeCode="REFR"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="2.16.840.1.113883.19.5" extension="hc2"/><code code="55607006" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/>
            <effectiveTime><low value="2024"/></effectiveTime><value xsi:type="CD" nullFlavor="OTH"><originalText>Fear of falling</originalText></value></observation></entryRelationship></act>
        """;

    private const string Equipment = """
        <supply classCode="SPLY" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.50"/><id root="2.16.840.1.113883.19.5" extension="eq1"/><statusCode code="active"/><effectiveTime><low value="20230101"/></effectiveTime>
          <participant typeCode="PRD"><participantRole classCode="MANU"><templateId root="2.16.840.1.113883.10.20.22.4.37"/><id root="2.16.840.1.113883.19.5" extension="dev1"/><playingDevice><code code="6012004" codeSystem="2.16.840.1.113883.6.96" displayName="Hearing aid"/></playingDevice><scopingEntity><id nullFlavor="UNK"/></scopingEntity></participantRole></participant></supply>
        """;

    private const string Payer = """
        <act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.60"/><id root="2.16.840.1.113883.19.5" extension="cov0"/><code code="48768-6" codeSystem="2.16.840.1.113883.6.1"/><statusCode code="completed"/>
          <entryRelationship typeCode="COMP"><act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.61"/><id root="2.16.840.1.113883.19.5" extension="cov1"/><code nullFlavor="UNK"/><statusCode code="completed"/>
            <performer typeCode="PRF"><assignedEntity><id nullFlavor="UNK"/><code code="PAYOR" codeSystem="2.16.840.1.113883.5.110"/><representedOrganization><name>Seacoast Health Plan</name></representedOrganization></assignedEntity></performer>
            <participant typeCode="COV"><participantRole classCode="PAT"><id root="2.16.840.1.113883.19.77" extension="SHP-445"/></participantRole></participant></act></entryRelationship></act>
        """;

    private const string Directive = """
        <observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.48"/><id root="2.16.840.1.113883.19.5" extension="ad1"/><code code="78823007" codeSystem="2.16.840.1.113883.6.96" displayName="Life support"/><statusCode code="completed"/>
          <effectiveTime><low value="20230215"/></effectiveTime><value xsi:type="CD" code="304253006" codeSystem="2.16.840.1.113883.6.96" displayName="Not for intubation"/></observation>
        """;

    private const string Note = $"""
        <act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.202"/><id root="2.16.840.1.113883.19.5" extension="no1"/><code code="34109-9" codeSystem="2.16.840.1.113883.6.1" displayName="Note"><translation code="11506-3" codeSystem="2.16.840.1.113883.6.1" displayName="Progress note"/></code>
          <text><reference value="#n1"/></text><statusCode code="completed"/><effectiveTime value="20250301103000-0500"/>{Author}</act>
        """;

    private static string Problem(string id, string code, string display, string from, string? until) => $"""
        <act classCode="ACT" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.3"/><id root="2.16.840.1.113883.19.5" extension="{id}c"/><code code="CONC" codeSystem="2.16.840.1.113883.5.6"/><statusCode code="{(until is null ? "active" : "completed")}"/>
          <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="2.16.840.1.113883.19.5" extension="{id}"/><code code="55607006" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/>
            <effectiveTime><low value="{from}"/>{(until is null ? "" : $"<high value=\"{until}\"/>")}</effectiveTime><value xsi:type="CD" code="{code}" codeSystem="2.16.840.1.113883.6.96" displayName="{display}"/></observation></entryRelationship></act>
        """;

    private static string Results(string glucose) => $"""
        <organizer classCode="BATTERY" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.1"/><id root="2.16.840.1.113883.19.5" extension="ro1"/><code code="51990-0" codeSystem="2.16.840.1.113883.6.1" displayName="Basic metabolic panel"/><statusCode code="completed"/><effectiveTime value="20250228"/>
          <component><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.2"/><id root="2.16.840.1.113883.19.5" extension="r1"/><code code="2345-7" codeSystem="2.16.840.1.113883.6.1" displayName="Glucose"/><statusCode code="completed"/><effectiveTime value="20250228"/>
            <value xsi:type="PQ" value="{glucose}" unit="mg/dL"/><interpretationCode code="H" codeSystem="2.16.840.1.113883.5.83"/><referenceRange><observationRange><value xsi:type="IVL_PQ"><low value="70" unit="mg/dL"/><high value="99" unit="mg/dL"/></value></observationRange></referenceRange></observation></component>
          <component><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.2"/><id root="2.16.840.1.113883.19.5" extension="r2"/><code code="33914-3" codeSystem="2.16.840.1.113883.6.1" displayName="Glomerular filtration rate"/><statusCode code="completed"/><effectiveTime value="20250228"/>
            <value xsi:type="IVL_PQ"><low value="60" unit="mL/min" inclusive="false"/></value></observation></component></organizer>
        """;

    private static string Vaccine(string id, string code, string display, string at, bool isRefused) => $"""
        <substanceAdministration classCode="SBADM" moodCode="EVN" negationInd="{(isRefused ? "true" : "false")}"><templateId root="2.16.840.1.113883.10.20.22.4.52"/><id root="2.16.840.1.113883.19.5" extension="{id}"/><statusCode code="completed"/><effectiveTime value="{at}"/>
          <consumable><manufacturedProduct classCode="MANU"><manufacturedMaterial><code code="{code}" codeSystem="2.16.840.1.113883.12.292" displayName="{display}"/>{(isRefused ? "" : "<lotNumberText>L-77</lotNumberText>")}</manufacturedMaterial></manufacturedProduct></consumable>
          {(isRefused ? "<entryRelationship typeCode=\"RSON\"><observation classCode=\"OBS\" moodCode=\"EVN\"><templateId root=\"2.16.840.1.113883.10.20.22.4.53\"/><code code=\"PATOBJ\" codeSystem=\"2.16.840.1.113883.5.8\" displayName=\"Patient objection\"/><statusCode code=\"completed\"/></observation></entryRelationship>" : "")}</substanceAdministration>
        """;

    private static string Status(string template, string id, string code, string value, string display) => $"""
        <observation classCode="OBS" moodCode="EVN"><templateId root="{template}"/><id root="2.16.840.1.113883.19.5" extension="{id}"/><code code="{code}" codeSystem="2.16.840.1.113883.6.1"/><statusCode code="completed"/><effectiveTime value="20250301"/>
          <value xsi:type="CD" code="{value}" codeSystem="2.16.840.1.113883.6.96" displayName="{display}"/></observation>
        """;
}
