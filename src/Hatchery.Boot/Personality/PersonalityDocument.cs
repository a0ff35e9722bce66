using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hatchery.Devices;

namespace Hatchery.Boot;

/// <summary>What a machine is told about itself. Fields are only ever added.</summary>
internal sealed record PersonalityDocument(
    string Device,
    string HostName,
    string Collection,
    string Site,
    PersonalityStrings Personality
)
{
    public static PersonalityDocument Of(DeviceState device, FarmSnapshot farm) =>
        new(
            device.Name,
            farm.HostNameOf(device),
            farm.CollectionOf(device).Name,
            farm.SiteOf(device),
            farm.PersonalityOf(device)
        );

    public string ToJson() => JsonSerializer.Serialize(this, PersonalityJson.Readable.PersonalityDocument) + "\n";

    /// <summary>Lines that a shell reads; the farm's own come first.</summary>
    public string ToLines()
    {
        var text = new StringBuilder();
        foreach (
            var (name, value) in (IEnumerable<(string, string)>)
                [("DEVICE", Device), ("HOST_NAME", HostName), ("COLLECTION", Collection), ("SITE", Site)]
        )
            PersonalityText.AppendLine(text, PersonalityStrings.ReservedPrefix + name, value);
        foreach (var (name, value) in Personality)
            PersonalityText.AppendLine(text, name, value);
        return text.ToString();
    }
}

[JsonSerializable(typeof(PersonalityDocument))]
internal sealed partial class PersonalityJson : JsonSerializerContext
{
    /// <summary>It goes to programs, not into pages: characters stand for themselves.</summary>
    public static PersonalityJson Readable { get; } =
        new(
            new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
                WriteIndented = true,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            }
        );
}
