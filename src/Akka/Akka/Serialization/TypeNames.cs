namespace Akka.Serialization;

/// <summary>Names of types as they stand in configuration and beside serialized bytes.</summary>
internal static class TypeNames
{
    /// <summary>The name with its assembly but without the assembly's version, which would tie bytes to a release.</summary>
    public static string Qualified(Type type) =>
        type.Assembly == typeof(object).Assembly ? type.FullName! : $"{type.FullName}, {type.Assembly.GetName().Name}";
}
