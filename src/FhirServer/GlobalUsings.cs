global using FhirTask = Hl7.Fhir.Model.Task;
global using Interaction = FhirEmr.FhirServer.Security.Access.Interaction;
global using QueryString = FhirEmr.FhirServer.Search.Query.QueryString;
global using Task = System.Threading.Tasks.Task;
