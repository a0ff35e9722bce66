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

    /// <summary>The answer in the format asked for.</summary>
    public static CommandResponse Print<T>(
        this CommandArguments arguments,
        T value,
        JsonTypeInfo<T> shape,
        Func<T, string> table
    ) =>
        arguments.ArgumentValues(Name).First() switch
        {
            "json" => new CommandResponse(JsonSerializer.Serialize(value, shape)),
            "table" => new CommandResponse(table(value)),
            var other => new ErroredCommandResponse($"-o takes table or json, not '{other}'"),
        };
}
