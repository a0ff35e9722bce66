using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hatchery.Devices;

/// <summary>Writes personality data as an object: names and values.</summary>
public sealed class PersonalityJsonConverter : JsonConverter<PersonalityStrings>
{
    public override PersonalityStrings Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    )
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("personality data is an object");
        var read = new List<KeyValuePair<string, string>>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!reader.Read() || reader.TokenType != JsonTokenType.String)
                throw new JsonException($"'{name}' has no text for a value");
            read.Add(new(name, reader.GetString()!));
        }
        return PersonalityStrings.Of(read);
    }

    public override void Write(Utf8JsonWriter writer, PersonalityStrings value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, text) in value)
            writer.WriteString(name, text);
        writer.WriteEndObject();
    }
}
