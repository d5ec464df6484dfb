using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Federation.Tests.Grpc;

/// <summary>What an assembly refers to and what it defines, as text that is equal when the two fit.</summary>
static class AssemblySurface
{
    public static HashSet<string> ReferencesOf(string path, string[] assemblies)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        HashSet<string> found = [];
        foreach (var type in reader.TypeReferences.Where(type => assemblies.Contains(AssemblyOf(reader, type)))) found.Add(TypeNames.Of(reader, type));

        foreach (var member in reader.MemberReferences.Select(reader.GetMemberReference))
        {
            if (Owner(reader, member.Parent) is not { } owner || !assemblies.Contains(AssemblyOf(reader, owner))) continue;
            var name = $"{TypeNames.Of(reader, owner)}::{reader.GetString(member.Name)}";
            found.Add(member.GetKind() is MemberReferenceKind.Method
                ? Text(name, member.DecodeMethodSignature(TypeNames.Provider, null))
                : $"{name} : {member.DecodeFieldSignature(TypeNames.Provider, null)}");
        }

        return found;
    }

    /// <summary>What others can see: public, or protected.</summary>
    public static HashSet<string> DefinitionsOf(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        HashSet<string> found = [];
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            var typeName = TypeNames.Of(reader, handle);
            found.Add(typeName);
            foreach (var method in type.GetMethods().Select(reader.GetMethodDefinition).Where(method => IsVisible((int)method.Attributes)))
            {
                found.Add(Text($"{typeName}::{reader.GetString(method.Name)}", method.DecodeSignature(TypeNames.Provider, null)));
            }

            foreach (var field in type.GetFields().Select(reader.GetFieldDefinition).Where(field => IsVisible((int)field.Attributes)))
            {
                found.Add($"{typeName}::{reader.GetString(field.Name)} : {field.DecodeSignature(TypeNames.Provider, null)}");
            }
        }

        return found;
    }

    /// <summary>The access bits are the same for methods and fields: family 4, family or assembly 5, public 6.</summary>
    static bool IsVisible(int attributes) => (attributes & 7) is 4 or 5 or 6;

    static string Text(string name, MethodSignature<string> signature) =>
        $"{(signature.Header.IsInstance ? "" : "static ")}{name}`{signature.GenericParameterCount}({string.Join(", ", signature.ParameterTypes)}) : {signature.ReturnType}";

    static string AssemblyOf(MetadataReader reader, TypeReferenceHandle handle)
    {
        var scope = reader.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.AssemblyReference => reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name),
            HandleKind.TypeReference => AssemblyOf(reader, (TypeReferenceHandle)scope),
            _ => "",
        };
    }

    /// <summary>A member of a generic type refers to an instance of it; its signature still speaks of the definition.</summary>
    static TypeReferenceHandle? Owner(MetadataReader reader, EntityHandle parent)
    {
        if (parent.Kind is HandleKind.TypeReference) return (TypeReferenceHandle)parent;
        if (parent.Kind is not HandleKind.TypeSpecification) return null;

        var signature = reader.GetBlobReader(reader.GetTypeSpecification((TypeSpecificationHandle)parent).Signature);
        if (signature.ReadSignatureTypeCode() is not SignatureTypeCode.GenericTypeInstance) return null;

        signature.ReadCompressedInteger();
        var type = signature.ReadTypeHandle();
        return type.Kind is HandleKind.TypeReference ? (TypeReferenceHandle)type : null;
    }
}
