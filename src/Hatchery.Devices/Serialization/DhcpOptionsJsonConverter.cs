using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Devices;

/// <summary>Writes options as an object: the code, and the value in hexadecimal digits.</summary>
internal sealed class DhcpOptionsJsonConverter : JsonConverter<DhcpOptions>
{
    public override DhcpOptions Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var read = DhcpOptions.None;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("DHCP options are an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            if (!byte.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code is 0 or 255)
                throw new JsonException($"'{name}' is no DHCP option");
            if (!reader.Read() || reader.GetString() is not { } digits)
                throw new JsonException($"DHCP option {name} has no value");
            read = read.With(code, Convert.FromHexString(digits));
        }
        return read;
    }

    public override void Write(Utf8JsonWriter writer, DhcpOptions value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (code, octets) in value)
            writer.WriteString(code.ToString(CultureInfo.InvariantCulture), Convert.ToHexStringLower(octets.Span));
        writer.WriteEndObject();
    }
}
