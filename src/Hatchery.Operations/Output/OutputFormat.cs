using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The argument `-o table|json` that every list has.</summary>
internal static class OutputFormat
{
    private const string Name = "output";

    public static CommandDefinitionBuilder WithOutput(this CommandDefinitionBuilder command) =>
        command.WithArgument(a =>
            a.WithName(Name)
                .WithDescription("how to print it")
                .WithSwitch("-o")
                .WithSwitch("--output")
                .WithDefaultValues("table", "json")
                .WithDefaultValue("table")
        );

    /// <summary>Whether JSON is asked for; false with an error for what is neither of the formats.</summary>
    public static bool TryWantsJson(this CommandArguments arguments, out bool isJson, out ErroredCommandResponse wrong)
    {
        var format = arguments.ArgumentValues(Name).First();
        isJson = format == "json";
        wrong = new($"-o takes table or json, not '{format}'");
        return isJson || format == "table";
    }

    /// <summary>The answer in the format asked for.</summary>
    public static CommandResponse Print<T>(
        this CommandArguments arguments,
        T value,
        JsonTypeInfo<T> shape,
        Func<T, string> table
    ) =>
        !arguments.TryWantsJson(out var isJson, out var wrong) ? wrong
        : isJson ? new CommandResponse(JsonSerializer.Serialize(value, shape))
        : new CommandResponse(table(value));
}
