using System.Text.Json;
using System.Text.Json.Serialization;

namespace Petabridge.Cmd.Protocol;

/// <summary>What pbm sends: exactly one field is set.</summary>
internal sealed record PbmRequest(RunCommand? Run = null, int? Cancel = null);

/// <param name="Id">The client's number for it; answers carry it.</param>
/// <param name="Words">Palette, command and arguments, as words.</param>
internal sealed record RunCommand(int Id, IReadOnlyList<string> Words);

/// <summary>What the host sends: the palettes first, then answers.</summary>
internal sealed record PbmReply(IReadOnlyList<PaletteShape>? Palettes = null, AnswerPart? Answer = null);

/// <param name="Outcome">more, done, failed or usage.</param>
internal sealed record AnswerPart(int Id, string Text, string Outcome)
{
    public const string More = "more";
    public const string Done = "done";
    public const string Failed = "failed";
    public const string Usage = "usage";
}

internal sealed record PaletteShape(string Name, IReadOnlyList<CommandShape> Commands);

internal sealed record CommandShape(string Name, string Description, IReadOnlyList<ArgumentShape> Arguments);

internal sealed record ArgumentShape(
    string Name,
    string Description,
    bool IsMandatory,
    bool AllowMultiple,
    bool IsFlag,
    IReadOnlyList<string> Switches,
    IReadOnlyList<string> Suggestions,
    string? Default
);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(PbmRequest))]
[JsonSerializable(typeof(PbmReply))]
internal sealed partial class PbmJson : JsonSerializerContext
{
    /// <summary>Null for whatever is not one.</summary>
    public static T? Read<T>(byte[] body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> shape)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, shape);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
